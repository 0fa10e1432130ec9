"""What the names of CMIP files say: variable, model, experiment, member, grid, months."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from abz.errors import InputError, MissingDataError
from abz.readers.file_names import parse_names

__all__ = [
    "CMIP_FLUXES",
    "FIXED",
    "SOIL",
    "File",
    "Run",
    "cmip6_runs",
    "cmip6_years",
    "cmip_files",
    "files_of",
    "reaches",
    "single_run",
]

CMIP_FLUXES = ("gpp", "ra", "rh", "nep")
"""Variables of the table Lmon that are read."""
FIXED = ("sftlf", "areacella")
"""Land share and cell area, of the table fx."""
SOIL = "tsl"
"""Temperature of the soil, of the table Lmon: only its layers are looked at."""

_NAME = re.compile(
    rf"(?P<variable>{'|'.join((*CMIP_FLUXES, *FIXED, SOIL))})_(?P<table>Lmon|fx)_(?P<model>[^_]+)"
    r"_(?P<experiment>[^_]+)_(?P<member>r\d+i\d+p\d+(?:f\d+)?)(?:_(?P<grid>g[a-z0-9]+))?"
    r"(?:_(?P<first>\d{6})(?:-(?P<last>\d{6}))?)?\.nc"
)
_EXAMPLE = "gpp_Lmon_CESM2_historical_r1i1p1f1_gn_185001-201412.nc"


class Run(NamedTuple):
    """One simulation of one model."""

    model: str
    experiment: str
    member: str
    grid: str

    def __str__(self) -> str:
        """The parts that are not empty."""
        return " ".join(part for part in self if part)


File = tuple[Run, dict[str, str], Path]
"""A file, its simulation, and the parts of its name."""


def cmip6_runs(paths: Sequence[Path]) -> list[Run]:
    """The simulations among some files, in order; r2 comes before r10.

    Parameters
    ----------
    paths : sequence of Path
        `{variable}_{table}_{model}_{experiment}_{member}[_{grid}][_{months}].nc`.

    Raises
    ------
    InputError
        If a file is of no land flux.
    MissingDataError
        If there are no files.
    """
    return _runs(cmip_files(paths))


def _runs(files: Sequence[File]) -> list[Run]:
    """The simulations of which there is a flux."""
    found = {run for run, part, _ in files if part["variable"] in CMIP_FLUXES}
    return sorted(found, key=_order)


def _order(run: Run) -> tuple[str, str, list[int], str]:
    """Key of a simulation, with the numbers of its member as such."""
    return run.model, run.experiment, [int(n) for n in re.findall(r"\d+", run.member)], run.grid


def cmip6_years(paths: Sequence[Path], run: Run) -> range:
    """Years that all variables of a simulation cover, by the names of their files.

    Parameters
    ----------
    paths : sequence of Path
        As in `cmip6_runs`.
    run : Run
        One of them.

    Returns
    -------
    range
        From the first year of the variable that begins last to the last year of the one that ends
        first; empty if they share none. Names tell no gaps: the reader refuses them.

    Examples
    --------
    >>> import tempfile
    >>> run = Run("M", "historical", "r1i1p1f1", "gn")
    >>> spans = {"gpp": "199001-200912", "ra": "200001-201412"}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     stems = [f"{name}_Lmon_{'_'.join(run)}_{span}" for name, span in spans.items()]
    ...     paths = [Path(folder) / f"{stem}.nc" for stem in stems]
    ...     for path in paths:
    ...         path.touch()
    ...     cmip6_years(paths, run)
    range(2000, 2010)
    """
    spans: dict[str, list[int]] = {}
    for other, part, _ in cmip_files(paths):
        if other == run and part["first"] and part["variable"] in CMIP_FLUXES:
            years = [int(part[end][:4]) for end in ("first", "last") if part[end]]
            spans.setdefault(part["variable"], []).extend(years)
    if not spans:
        return range(0)
    return range(max(map(min, spans.values())), min(map(max, spans.values())) + 1)


def cmip_files(paths: Sequence[Path]) -> list[File]:
    """Each file with its simulation and the parts of its name."""
    return [
        (Run(part["model"], part["experiment"], part["member"], part["grid"] or ""), part, path)
        for path, part in parse_names(paths, _NAME, "the land fluxes of CMIP", _EXAMPLE)
    ]


def single_run(files: Sequence[File], wanted: tuple[str | None, ...]) -> Run:
    """The one simulation that is wanted."""
    every = _runs(files)
    found = [
        run for run in every if all(w in (None, r) for w, r in zip(wanted, run[:3], strict=True))
    ]
    if len(found) != 1:
        error = InputError if found else MissingDataError
        raise error(
            "the files are of several simulations" if found else "no such simulation",
            rule=f"one simulation of {' '.join(str(w) for w in wanted if w) or 'one model'}",
            value="; ".join(map(str, found or every)) or "no file of gpp, ra, rh or nep",
            remedy="name `model`, `experiment` and `member`",
        )
    return found[0]


def files_of(files: Sequence[File], run: Run, variable: str) -> list[Path]:
    """Files of a variable of a simulation; what stands still is of its model and grid."""
    fixed = variable in FIXED
    return [
        path
        for other, part, path in files
        if part["variable"] == variable
        and (other == run or (fixed and (other.model, other.grid) == (run.model, run.grid)))
    ]


def reaches(path: Path, period: tuple[int, int] | None) -> bool:
    """Whether a file may hold months of a period, by its name."""
    match = _NAME.fullmatch(path.name)
    if period is None or match is None or match["first"] is None:
        return True
    first, last = int(match["first"][:4]), int((match["last"] or match["first"])[:4])
    return first <= period[1] and last >= period[0]
