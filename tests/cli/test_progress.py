"""What the bar shows."""

import io
import re
import sys
import time

from abz.cli.progress import track


class Screen(io.StringIO):
    def isatty(self):
        return True


def test_amounts_make_share_rate_and_time_left(monkeypatch):
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    shown = []
    for item in track([3e9, 1e9, 6e9], "upscale fine", 10e9, amount=float, unit=" evaluations"):
        shown.append(item)
        time.sleep(0.15)
    assert shown == [3e9, 1e9, 6e9]
    last = screen.getvalue().split("\r")
    assert any(re.search(r"upscale fine: .*10\.0G/10\.0G \[.*<.*evaluations/s\]", x) for x in last)


def test_nothing_is_shown_where_nobody_watches(capsys):
    assert list(track([1, 2], "blocks", 2, amount=float)) == [1, 2]
    assert capsys.readouterr().err == ""
