"""Arguments of `abz data`, apart from what it does, so that they are read without its libraries."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

__all__ = ["ACTIONS", "add_data"]

ACTIONS = {
    "list": "all datasets of the catalog: what they are and how they are had",
    "status": "what is there, missing or damaged, and how much is to come",
    "fetch": "get what is missing or damaged, and pin it",
    "verify": "compare every byte with what is pinned",
    "lock": "pin what is there and not pinned yet",
}
"""Action to what it does."""


def add_data(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    config: Path,
    count: Callable[[str], int],
) -> None:
    """The subcommand and its actions."""
    what = "get the data of a run, and see what is there"
    data = commands.add_parser("data", help=what, description=what)
    actions = data.add_subparsers(required=True, metavar="ACTION")
    for name, words in ACTIONS.items():
        action = actions.add_parser(name, help=words, description=words)
        action.add_argument("--config", type=Path, default=config, help="TOML file of the run")
        action.set_defaults(command=_run, action=name)
        if name == "list":
            continue
        action.add_argument(
            "datasets", nargs="*", metavar="DATASET",
            help="entries of the catalog; those that the run needs by default",
        )  # fmt: skip
        if name == "status":
            action.add_argument(
                "--ask", action="store_true", help="ask open archives for sizes that are not known"
            )
        else:
            action.add_argument("--jobs", type=count, default=4, help="files at once; 4 by default")
        if name == "fetch":
            action.add_argument(
                "--from", dest="folder", type=Path, metavar="FOLDER",
                help="take the files from a folder on disk, by links; nothing is downloaded",
            )  # fmt: skip
        if name == "lock":
            action.add_argument(
                "--renew", action="store_true",
                help="give up the earlier pins of the named datasets: accept a change on purpose",
            )  # fmt: skip


def _run(parsed: argparse.Namespace) -> int:
    # By its name, so that no stage counts as out of date when the way to fetch data changes.
    return int(import_module("abz.cli.data").run_data(parsed))
