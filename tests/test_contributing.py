"""What CONTRIBUTING.md and README.md name is there."""

import re

import pytest

ROOTS = ("abz", "docs", "tests", "tasks", "benchmarks")


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "README.md"])
def test_paths_exist(page, repository):
    text = (repository / page).read_text(encoding="utf-8")
    named = set(re.findall(rf"\b(?:{'|'.join(ROOTS)})/[\w./-]*\w", text))
    named |= set(re.findall(r"`([\w-]+\.(?:py|md|toml|yaml|yml|cff))`", text))
    places = {path.name for root in ROOTS for path in (repository / root).rglob("*.*")}
    missing = {
        name
        for name in named
        if not (repository / name).exists() and ("/" in name or name not in places)
    }
    assert not missing
