"""Space, and one fetch at a time."""

import multiprocessing
import shutil

import pytest

from abz.errors import AbzError, FetchError
from abz.fetching.room import alone_in, check_room


def test_what_fits_passes(tmp_path):
    check_room(tmp_path, 1)


def test_what_does_not_fit_is_told_with_both_sizes(tmp_path):
    free = shutil.disk_usage(tmp_path).free
    with pytest.raises(FetchError, match=r"GB free"):
        check_room(tmp_path, 2 * free + 10**12)


def hold(root, begun, end):
    with alone_in(root):
        begun.set()
        end.wait(30)


def test_a_second_fetch_is_refused_until_the_first_has_ended(tmp_path):
    context = multiprocessing.get_context("spawn")
    begun, end = context.Event(), context.Event()
    process = context.Process(target=hold, args=(tmp_path, begun, end))
    process.start()
    assert begun.wait(30)
    with pytest.raises(AbzError, match="another command"), alone_in(tmp_path):
        pass
    end.set()
    process.join()
    with alone_in(tmp_path):
        pass
