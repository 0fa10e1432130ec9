"""What the bar shows."""

import io
import re
import sys
import time

from abz.cli import progress
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


def test_a_log_has_a_line_at_intervals(capsys, monkeypatch):
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.05)
    for _ in track([2.0, 2.0, 4.0], "upscale fine", 8.0, amount=float, unit=" evaluations"):
        time.sleep(0.06)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert re.match(r"upscale fine: 4 evaluations in \d+ s, [\d.]+ a second, 50.0%, ", lines[1])
