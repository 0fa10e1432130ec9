"""Arguments of `abz data` are read without the libraries that it works with."""

import subprocess
import sys

from abz.cli.sources import module_sources


def test_the_arguments_need_neither_pooch_nor_archives():
    code = (
        "import sys, importlib; importlib.import_module('abz.cli.main')._parser(); "
        "print([n for n in ('pooch', 'requests', 'earthaccess', 'ecmwf') if n in sys.modules])"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert made.stdout.strip() == "[]"


def test_no_stage_rests_on_how_data_are_fetched():
    files = {path.parent.name for path in module_sources("abz.cli.stages.harmonise")}
    assert "catalog" in files
    assert "fetching" not in files
