"""Arguments of the command line, and how its errors are shown."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import abz
from abz.cli.cluster import JOB_QUEUES
from abz.cli.data_arguments import add_data
from abz.cli.faults import storage_fault
from abz.errors import AbzError
from abz.vocabulary import FLUXES, MODEL_SETS

__all__ = ["STAGES", "main"]

DEFAULT_CONFIG = Path("tasks/config/demo.toml")
CONFIG_HELP = f"TOML file of the run; {DEFAULT_CONFIG} by default"

STAGES = {
    "world": "make the synthetic Arctic and write it in the products' formats",
    "harmonise": "bring all products to the predictor cube and the zones of a model set",
    "adopt": "take the published maps as those of a run, and build their zones",
    "climatology": "bring the real 1-degree climatology and the real site-months together",
    "sites": "screen the site-months and build the training tables",
    "fit": "tune, cross-validate and fit the forests of a flux, with its bootstrap members",
    "upscale": "predict every cell and month of a model set",
    "fire": "bring fire emissions to the fine grid",
    "trends": "test the trend of every cell of a model set",
    "mean_maps": "lay the published mean maps beside the published months",
    "budgets": "add up zones, seasons and members",
    "postfire": "follow sites and cells after fire, and correct a year by the bias at burned sites",
    "climatology_budgets": "add up the climatological year, beside the published budgets",
    "drivers": "compute importance and response curves",
    "applicability": "map where the forests extrapolate",
    "validate": "score the forests of a flux under fold designs, and calibrate their intervals",
    "compare": "lay NEE beside Reco - GPP, and the finer model set beside the coarser",
    "products": "lay the run beside inversions, simulations and upscaled fluxes that are there",
    "authors": "lay the run beside the authors' own small results, where they are there",
    "report": "write numbers, tables, figures and maps",
    "site": "build the website of the run",
}
"""Stage name to what it does, in the order of the data flow."""

OF_A_SET = (
    "harmonise", "adopt", "fit", "upscale", "trends", "mean_maps", "applicability", "validate",
)  # fmt: skip
"""Stages that are run for one model set."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        What follows `abz`; the process's own arguments by default.

    Returns
    -------
    int
        0 if all went well, 1 if a verification failed or data are incomplete, 2 if the input or
        the disk is at fault.

    Examples
    --------
    >>> main(["verify", "no/such/run"])
    2
    """
    parsed = _parser().parse_args(arguments)
    try:
        return int(parsed.command(parsed) or 0)
    except AbzError as error:
        print(f"abz: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        fault = storage_fault(error)
        if fault is None:
            raise
        print(f"abz: {fault}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("abz: interrupted; the same command goes on from here", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    """Subcommands: the whole run, its verification, and each stage alone."""
    parser = argparse.ArgumentParser(prog="abz", description=(abz.__doc__ or "").split("\n")[0])
    parser.add_argument("--version", action="version", version=f"abz {abz.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    everything = commands.add_parser("all", help="run all stages that are out of date")
    everything.add_argument("--config", type=Path, default=DEFAULT_CONFIG, help=CONFIG_HELP)
    everything.add_argument("--cores", type=_count, help="processes at once; workers by default")
    everything.set_defaults(command=_all)

    verify = commands.add_parser(
        "verify", help="compare a run's outputs with the SHA-256 that its manifest lists"
    )
    verify.add_argument("run", type=Path, help="folder of the run, such as runs/demo")
    verify.set_defaults(command=_verify)

    what = "hold every number of the paper against the others in print and against a run"
    paper = commands.add_parser("check-paper", help=what, description=what)
    paper.add_argument("run", type=Path, help="folder of the run, such as runs/demo")
    paper.set_defaults(command=_check_paper)

    add_data(commands, DEFAULT_CONFIG, _count)
    _add_export(commands)
    plan = commands.add_parser(
        "plan", help="say what upscaling will cost, from ten seconds of it on this machine"
    )
    plan.add_argument("--config", type=Path, default=DEFAULT_CONFIG, help=CONFIG_HELP)
    plan.add_argument("--workers", type=_count, help="cores to plan for; workers by default")
    plan.add_argument("--seconds", type=float, default=10.0, help="of calibration; 10 by default")
    plan.add_argument("--json", action="store_true", help="print the plan as JSON")
    plan.set_defaults(command=_plan)

    for name, what in STAGES.items():
        stage = commands.add_parser(name, help=what, description=what)
        stage.add_argument("--config", type=Path, default=DEFAULT_CONFIG, help=CONFIG_HELP)
        if name in OF_A_SET:
            stage.add_argument(
                "--set",
                dest="model_set",
                required=True,
                choices=tuple(MODEL_SETS),
                help="model set",
            )
        if name in ("fit", "validate"):
            stage.add_argument("--flux", required=True, choices=tuple(FLUXES))
        if name == "upscale":
            _add_place(stage)
        stage.set_defaults(command=_stage, stage=name)
    return parser


def _add_export(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The subcommand that writes finished maps for others to use."""
    what = "write the monthly maps of a run as CF NetCDF or cloud-optimised GeoTIFF"
    export = commands.add_parser("export", help=what, description=what)
    export.add_argument("--config", type=Path, default=DEFAULT_CONFIG, help=CONFIG_HELP)
    export.add_argument(
        "--set", dest="model_set", choices=tuple(MODEL_SETS), help="model set; the run's first"
    )
    export.add_argument(
        "--what", nargs="+", choices=tuple(FLUXES), default=tuple(FLUXES), help="all by default"
    )
    export.add_argument(
        "--format", nargs="+", choices=("netcdf", "cog"), default=("netcdf",),
        help="netcdf by default",
    )  # fmt: skip
    export.add_argument(
        "--years", nargs="+", type=_years, default=(), help="such as 2001 2005-2008; all by default"
    )
    export.add_argument(
        "--per", choices=("land", "cell"),
        help="per area of land, or of the whole cell; as published for the set by default",
    )  # fmt: skip
    export.add_argument("--destination", type=Path, help="folder; export/SET of the run by default")
    export.add_argument("--overwrite", action="store_true", help="replace files that are there")
    export.set_defaults(command=_export)


def _years(text: str) -> range:
    """A year, such as 2001, or all from one to another, such as 2001-2005."""
    first, line, last = text.partition("-")
    last = last if line else first
    if not (first.isdigit() and last.isdigit() and int(first) <= int(last)):
        raise argparse.ArgumentTypeError(f"{text} is neither a year nor years such as 2001-2005")
    return range(int(first), int(last) + 1)


def _add_place(stage: argparse.ArgumentParser) -> None:
    """Options that say where the blocks of a map are worked; they change no byte."""
    place = stage.add_mutually_exclusive_group()
    place.add_argument("--scheduler", type=_address, help="address of a running Dask scheduler")
    place.add_argument("--cluster", choices=("local", *JOB_QUEUES), help="Dask workers to start")
    stage.add_argument("--workers", type=_count, help="processes or jobs of --cluster")


def _address(text: str) -> str:
    """Address of a scheduler, such as tcp://10.0.0.1:8786."""
    if "://" not in text:
        raise argparse.ArgumentTypeError(f"{text} is no address such as tcp://10.0.0.1:8786")
    return text


def _count(text: str) -> int:
    """A number of processes, one or more."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number of 1 or more")
    return int(text)


def _all(parsed: argparse.Namespace) -> None:
    from abz.cli.pipeline import run_all

    run_all(parsed.config, parsed.cores)


def _export(parsed: argparse.Namespace) -> None:
    from abz.cli.export import Order, export
    from abz.config import load_config

    order = Order(
        model_set=parsed.model_set,
        fluxes=parsed.what,
        formats=parsed.format,
        years=[year for years in parsed.years for year in years],
        per=parsed.per,
        destination=parsed.destination,
        overwrite=parsed.overwrite,
    )
    for path in export(load_config(parsed.config), order):
        print(path)


def _plan(parsed: argparse.Namespace) -> None:
    from abz.cli.plan import print_plan

    print_plan(parsed.config, workers=parsed.workers, seconds=parsed.seconds, as_json=parsed.json)


def _verify(parsed: argparse.Namespace) -> int:
    from abz.cli.layout import Layout
    from abz.cli.manifest import verify
    from abz.cli.storage import read_json

    differences = verify(parsed.run)
    for path, pinned, found in differences:
        print(f"{path}: pinned {pinned}, found {found}")
    if differences:
        print(
            "remedy: remove the receipts/*.json that name these outputs; "
            "`abz all --config FILE` makes them again"
        )
    if not differences:
        count = len(read_json(Layout(parsed.run).manifest)["outputs"])
        print(
            f"{parsed.run}: all {count} outputs are there, byte for byte; compared were the "
            "SHA-256 of the files and folders that manifest.json lists, not those of its inputs"
        )
    return 1 if differences else 0


def _check_paper(parsed: argparse.Namespace) -> int:
    from abz.cli.check_paper import check_paper

    return check_paper(parsed.run)


def _stage(parsed: argparse.Namespace) -> None:
    from abz.cli.receipts import run_stage

    options = {key: value for key in ("model_set", "flux") if (value := getattr(parsed, key, None))}
    place = {}
    if parsed.stage == "upscale":
        if parsed.scheduler or parsed.cluster:
            place = {"scheduler": parsed.scheduler, "cluster": parsed.cluster}
        if parsed.workers:
            place["cluster_workers"] = parsed.workers
    run_stage(parsed.stage, parsed.config, options, place)
