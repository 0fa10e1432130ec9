"""The whole run: the scheduler over the stages, then the manifest."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from abz.cli.graph import write_graph
from abz.cli.layout import Layout
from abz.cli.manifest import write_manifest
from abz.cli.receipts import drop_broken_receipts, exclusive
from abz.cli.sources import repository
from abz.cli.storage import remove_abandoned
from abz.config import Config, load_config
from abz.errors import AbzError, MissingDataError

__all__ = ["run_all", "scheduler_command"]


def scheduler_command(config_path: Path, root: Path, cores: int) -> list[str]:
    """Command line of the scheduler for a run.

    Parameters
    ----------
    config_path : Path
        TOML file of the run.
    root : Path
        Folder of the run, where the scheduler keeps its records.
    cores : int
        Processes at once.

    Returns
    -------
    list of str

    Raises
    ------
    MissingDataError
        If the package stands without its checkout, which holds the rules.
    """
    rules = repository() / "tasks" / "Snakefile"
    if not rules.is_file():
        raise MissingDataError(
            "the rules of the run are not there",
            rule="abz is installed from its checkout (`pip install -e .`), beside tasks/Snakefile",
            value=rules,
            remedy="clone the repository and use `tasks/run` or `pixi run`",
        )
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(rules)]
    command += ["--directory", str(root), "--cores", str(cores), "--rerun-incomplete"]
    command += ["--rerun-triggers", "input", "mtime", "params"]
    command += ["--config", f"file={config_path.resolve()}", f"here={Path.cwd()}"]
    return command


def run_all(config_path: Path, cores: int | None = None) -> None:
    """Bring every stage of a configured run up to date, then write its manifest.

    A run that was interrupted goes on where it stopped. A run in which nothing changed says so.

    Parameters
    ----------
    config_path : Path
        TOML file of the run.
    cores : int, optional
        Processes at once; the configuration's `workers` by default.

    Raises
    ------
    AbzError
        If a stage failed; its own message stands above.
    """
    config = load_config(config_path)
    layout = Layout(config.root)
    _ = config.archive  # a run on real data without a folder of data is refused before it begins
    _check_zone_files(config)
    layout.root.mkdir(parents=True, exist_ok=True)
    with exclusive(layout.locks / "run.lock", config.name) as lock:
        command = scheduler_command(config_path, layout.root, cores or config.workers)
        environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
        shape = config.model_dump_json(include={"kind", "sets", "world"})
        write_graph(command, layout.root / "dag.svg", environment, shape)
        remove_abandoned(layout.root)
        for name in drop_broken_receipts(layout):
            print(f"{config.name}: outputs of {name.removesuffix('.json')} are gone or changed")
        before = _receipt_times(layout)
        if any((layout.root / ".snakemake" / "locks").glob("*")):
            subprocess.run([*command, "--unlock", "--quiet", "all"], env=environment, check=True)
        code = subprocess.run(
            [*command, "--quiet", "all"], env=environment, check=False, pass_fds=(lock,)
        ).returncode
        if code:
            raise AbzError(
                f"{config.name}: a stage failed; its message stands above",
                remedy="correct the cause; the same command goes on with what is not done",
            )
        write_manifest(config, layout)
    changed = _receipt_times(layout) != before
    state = "done" if changed else "nothing to do, everything is up to date"
    print(f"{config.name}: {state}")
    print(f"  site     {layout.site / 'index.html'}")
    print(f"  numbers  {layout.results / 'numbers.json'}")
    print(f"  manifest {layout.manifest}")


def _check_zone_files(config: Config) -> None:
    """Nothing, if the run's own zones can be read: a wrong file is refused before it begins."""
    if config.zones:
        from abz.cli.zone_files import read_zone_file  # reads maps, which other runs need not

        for name in config.zones:
            read_zone_file(config, name)


def _receipt_times(layout: Layout) -> dict[str, int]:
    """When each receipt was written."""
    return {path.name: path.stat().st_mtime_ns for path in layout.receipts.glob("*.json")}
