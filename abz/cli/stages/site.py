"""The website of the run, built strictly and checked to need no network."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from abz.cli.crate import EPOCH
from abz.cli.layout import Layout
from abz.cli.sources import repository
from abz.cli.storage import atomic_path
from abz.config import Config
from abz.errors import AbzError
from abz.report.offline import remote_resources

__all__ = ["run"]


def run(config: Config, layout: Layout, **_: str) -> list[Path]:
    """Build site/ from docs/ and results/."""
    with atomic_path(layout.site) as folder:
        build(layout.root, folder)
        remote = remote_resources(folder)
        if remote:
            raise AbzError(
                "the site would load files from elsewhere",
                rule="scripts, styles, images and fonts come with the site",
                value="; ".join(remote[:5]),
                remedy="put the file into docs/assets and point to it",
            )
    print(f"{config.name}: {layout.site / 'index.html'}", file=sys.stderr)
    return [layout.site]


def build(root: Path, folder: Path) -> None:
    """Run mkdocs for the results below `root`; a warning is an error."""
    here = repository()
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--clean"]
    command += ["--config-file", str(here / "mkdocs.yml"), "--site-dir", str(folder.resolve())]
    environment = {
        **os.environ, "ABZ_RUN": str(root.resolve()), "SOURCE_DATE_EPOCH": EPOCH,
        "NO_MKDOCS_2_WARNING": "1", "PYTHONHASHSEED": "0",
    }  # fmt: skip
    done = subprocess.run(
        command, cwd=here, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise AbzError(
            "the site could not be built",
            rule="every page builds without a warning",
            value="\n".join((done.stderr or done.stdout).strip().splitlines()[-12:]),
            remedy="correct the page that is named above",
        )
