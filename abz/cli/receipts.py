"""Running one stage: alone, whole, and with a receipt of what it made.

A receipt is a small file with the sha256 of each output. It is what the scheduler sees of a stage:
it appears when the stage has ended well, and its bytes depend on nothing but the outputs.
"""

from __future__ import annotations

import fcntl
import os
import resource
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

from abz.cli.earlier import command
from abz.cli.inputs import recorded_inputs
from abz.cli.layout import Layout
from abz.cli.storage import read_json, write_json
from abz.config import Config, load_config
from abz.digest import digest, tree_bytes
from abz.errors import ConfigError
from abz.vocabulary import FLUXES

__all__ = [
    "drop_broken_receipts",
    "exclusive",
    "expected_receipts",
    "mapping_stage",
    "receipt_name",
    "run_stage",
]


def receipt_name(stage: str, options: dict[str, str]) -> str:
    """Name of the receipt of a stage with its options.

    Examples
    --------
    >>> receipt_name("fit", {"model_set": "fine", "flux": "nee"})
    'fit_fine_nee.json'
    """
    return "_".join([stage, *options.values()]) + ".json"


def expected_receipts(config: Config) -> list[str]:
    """Names of the receipts of all stages of a run, in the order of the data flow.

    Examples
    --------
    >>> from abz.config import parse_config
    >>> fine = {"cell_m": 4e5, "first_year": 2001, "last_year": 2020}
    >>> names = expected_receipts(parse_config({"name": "a", "world": {}, "sets": {"fine": fine}}))
    >>> names[0], names[-1], len(names)
    ('world.json', 'site.json', 20)
    """
    return [receipt_name(stage, options) for stage, options in _stages(config)]


def mapping_stage(config: Config) -> str:
    """The stage that makes the flux maps of a run.

    Examples
    --------
    >>> from abz.config import parse_config
    >>> fine = {"cell_m": 4e5, "first_year": 2001, "last_year": 2020}
    >>> mapping_stage(parse_config({"name": "a", "kind": "published_maps", "sets": {"fine": fine}}))
    'adopt'
    """
    return "adopt" if config.kind == "published_maps" else "upscale"


def _stages(config: Config) -> list[tuple[str, dict[str, str]]]:
    """All stages of a run with their options, in the order of the data flow."""
    once: list[dict[str, str]] = [{}]
    sets: list[dict[str, str]] = [{"model_set": name} for name in config.sets]
    forests = [{**chosen, "flux": flux} for chosen in sets for flux in FLUXES]
    if config.kind == "study":
        stages = [
            ("world", once * config.synthetic), ("harmonise", sets), ("sites", once),
            ("fit", forests), ("upscale", sets), ("fire", once * ("fine" in config.sets)),
            ("trends", sets), ("budgets", once), ("postfire", once * ("fine" in config.sets)),
        ]  # fmt: skip
    elif config.kind == "published_maps":
        return [
            (stage, options)
            for stage, each in (
                ("world", once * config.synthetic), ("adopt", sets), ("fire", once),
                ("trends", sets), ("mean_maps", sets), ("budgets", once), ("compare", once),
                ("products", once), ("report", once), ("site", once),
            )
            for options in each
        ]  # fmt: skip
    else:
        stages = [
            ("climatology", once), ("fit", forests), ("upscale", sets),
            ("climatology_budgets", once),
        ]  # fmt: skip
    beside = once * (config.kind == "climatology")
    stages += [
        ("drivers", once), ("applicability", sets), ("validate", forests), ("compare", once),
        ("products", once * (config.kind == "study")), ("authors", beside), ("report", once),
        ("site", once),
    ]  # fmt: skip
    return [(stage, options) for stage, each in stages for options in each]


def drop_broken_receipts(layout: Layout) -> list[str]:
    """Remove the receipts of stages whose outputs are gone or have another size.

    The scheduler then runs these stages again. Bytes are compared by `abz verify`.

    Returns
    -------
    list of str
        Names of the removed receipts.
    """
    broken = []
    for receipt in sorted(layout.receipts.glob("*.json")):
        outputs = read_json(receipt)["outputs"]
        if any(not _has_size(layout.root / path, pin["bytes"]) for path, pin in outputs.items()):
            receipt.unlink()
            broken.append(receipt.name)
    return broken


def _has_size(path: Path, size: int) -> bool:
    """Whether something of this size is there."""
    return path.exists() and tree_bytes(path) == size


@contextmanager
def exclusive(lock: Path, what: str) -> Iterator[int]:
    """Hold a lock file; wait, and say so, while another process holds it.

    The lock is the kernel's, so it ends with the process that holds it, however that ends.

    Yields
    ------
    int
        File descriptor of the lock, to hand to a child that shall hold it too.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stream.seek(0)
            holder = stream.read().strip()
            print(
                f"{what}: waiting for an earlier command to finish, begun as process {holder}",
                file=sys.stderr,
            )
            fcntl.flock(stream, fcntl.LOCK_EX)
        stream.truncate(0)
        stream.write(f"{os.getpid()}\n")
        stream.flush()
        yield stream.fileno()


def _no_such_stage(config: Config, stage: str, options: dict[str, str]) -> ConfigError:
    """What the run has in place of a stage, as it is typed."""
    known = _stages(config)
    alike = [command(name, chosen) for name, chosen in known if name == stage]
    names = dict.fromkeys(f"abz {name}" for name, _ in known)
    return ConfigError(
        f"the run `{config.name}` has no stage `{command(stage, options)}`",
        rule=f"a {config.kind} of the sets {', '.join(config.sets)}",
        value=command(stage, options),
        remedy=f"choose among {', '.join(f'`{typed}`' for typed in alike or names)}",
    )


def run_stage(
    stage: str,
    config_path: Path,
    options: dict[str, str],
    place: Mapping[str, Any] = MappingProxyType({}),
) -> Path:
    """Run one stage of a configured run and write its receipt.

    Parameters
    ----------
    stage : str
        Name of a module of `abz.cli.stages`.
    config_path : Path
        TOML file of the run.
    options : dict of str
        What the stage is run for: `model_set`, `flux`.
    place : mapping, optional
        Keys of `[upscaling]` that say where blocks are worked, in place of the file's.

    Returns
    -------
    Path
        The receipt. It does not depend on `place`.

    Raises
    ------
    ConfigError
        If the configured run has no such stage, or not for this model set.
    """
    config = load_config(config_path)
    chosen = config.upscaling.model_copy(update=place)
    config = config.model_copy(update={"upscaling": chosen})
    layout = Layout(config.root)
    name = receipt_name(stage, options)
    if name not in expected_receipts(config):
        raise _no_such_stage(config, stage, options)
    with exclusive(layout.locks / f"{name}.lock", name.removesuffix(".json")):
        start = time.monotonic()
        with recorded_inputs() as inputs:
            outputs = import_module(f"abz.cli.stages.{stage}").run(config, layout, **options)
        seconds = time.monotonic() - start
        receipt = {
            "stage": stage,
            "options": options,
            "outputs": {
                path.resolve().relative_to(layout.root.resolve()).as_posix(): {
                    "sha256": digest(path),
                    "bytes": tree_bytes(path),
                }
                for path in sorted(outputs)
            },
        }
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        cost = {"seconds": round(seconds, 2), "peak_mb": round(peak_mb)}
        write_json(cost, layout.costs / name)
        write_json(inputs, layout.inputs / name)
        label = " ".join([stage, *options.values()])
        print(f"{label:<24} {seconds:6.1f} s {peak_mb:6.0f} MB", file=sys.stderr)
        return write_json(receipt, layout.receipts / name)
