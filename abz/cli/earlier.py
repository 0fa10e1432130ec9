"""What a stage takes from earlier ones, and the command that makes it where it is not there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from abz.validation import check_file

__all__ = ["command", "made"]

SWITCHES = {"model_set": "--set", "flux": "--flux"}
"""Options of stages as they are typed."""


def command(stage: str, options: Mapping[str, str]) -> str:
    """What to type for a stage.

    Examples
    --------
    >>> command("fit", {"model_set": "fine", "flux": "nee"})
    'abz fit --set fine --flux nee'
    """
    typed = (f"{SWITCHES[name]} {value}" for name, value in options.items())
    return " ".join(["abz", stage, *typed])


def made(path: Path, what: str, stage: str, **options: str) -> Path:
    """`path`, if the stage that makes it has ended.

    Parameters
    ----------
    path : Path
        A file of the run.
    what : str
        What it holds.
    stage, **options
        The stage that makes it, and what it is run for.

    Raises
    ------
    MissingDataError
        If it is not there; the message says what to type.

    Examples
    --------
    >>> made(Path("no/central.npz"), "the forest", "fit", model_set="fine", flux="nee")
    Traceback (most recent call last):
        ...
    abz.errors.MissingDataError: the forest is not there
      rule:   the file exists
      got:    no/central.npz
      remedy: run `abz fit --set fine --flux nee` first, with the --config of this run
    """
    typed = command(stage, options)
    return check_file(path, what, f"run `{typed}` first, with the --config of this run")
