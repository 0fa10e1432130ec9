"""One bar for all files."""

import threading

import pytest

from abz.fetching import Progress, Stopped


def test_bytes_of_all_threads_add_up():
    seen = []
    progress = Progress(lambda count, total: seen.append((count, total)))

    def work(key):
        meter = progress.meter(key, 100)
        for _ in range(50):
            meter.advance(2)

    threads = [threading.Thread(target=work, args=(str(i),)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(count for count, _ in seen) == 800
    assert seen[-1][1] == 800


def test_a_size_that_is_told_again_counts_once():
    seen = []
    progress = Progress(lambda count, total: seen.append(total))
    progress.meter("a", 10)
    progress.meter("a").expect(12)
    progress.meter("b", 1)
    assert seen == [10, 12, 13]


def test_a_stop_ends_waits():
    progress = Progress()
    progress.wait(0.0)
    progress.stop.set()
    assert progress.meter("a").stopped()
    with pytest.raises(Stopped):
        progress.wait(60)
