"""All bytes read again, and pinned."""

import hashlib

import pytest

from abz.catalog import read_lock
from abz.fetching import Need, fetch, lock, verify

ALL = Need("tiny", (2001, 2002, 2003))


@pytest.fixture
def fetched(yearly, patience):
    fetch(yearly(), [ALL], patience=patience)
    return yearly


def test_all_is_right(fetched):
    assert verify(fetched(), [ALL]) == (3, [])


def test_each_fault_has_its_kind(fetched, root, content):
    (root / "tiny/t_2001.nc").unlink()
    (root / "tiny/t_2002.nc").write_bytes(content("other"))
    (root / "tiny/t_2003.nc").write_bytes(content(2003)[:9])
    right, findings = verify(fetched(), [ALL])
    assert right == 0
    assert [finding.kind for finding in findings] == ["missing", "changed", "damaged"]
    for body in (content(2002), content("other")):
        assert hashlib.sha256(body).hexdigest() in findings[1].words


def test_what_is_not_pinned_is_told_and_can_be_locked(yearly, root, content):
    (root / "tiny").mkdir()
    (root / "tiny/t_2001.nc").write_bytes(content("mine"))
    need = Need("tiny", (2001,))
    assert [finding.kind for finding in verify(yearly(), [need])[1]] == ["unpinned"]
    assert lock(yearly(), [need]) == ["tiny/t_2001.nc"]
    assert verify(yearly(), [need]) == (1, [])
    assert lock(yearly(), [need]) == []


def test_a_page_is_never_locked(yearly, root):
    (root / "tiny").mkdir()
    (root / "tiny/t_2001.nc").write_bytes(b"<html>")
    assert lock(yearly(), [Need("tiny", (2001,))]) == []


def test_a_change_is_accepted_only_on_purpose(fetched, root, content):
    (root / "tiny/t_2002.nc").write_bytes(content("other"))
    assert lock(fetched(), [ALL]) == []
    assert verify(fetched(), [ALL])[0] == 2
    assert len(lock(fetched(), [ALL], renew=["tiny"])) == 3
    assert verify(fetched(), [ALL]) == (3, [])
    digest = hashlib.sha256(content("other")).hexdigest()
    assert read_lock(fetched().path).entries["tiny"].files["tiny/t_2002.nc"] == f"{digest} 5000"
