"""What a stage rests on is read from the imports."""

from abz.cli.sources import PACKAGE, module_sources, repository


def names(module):
    return {path.relative_to(PACKAGE).as_posix() for path in module_sources(module)}


def test_direct_and_indirect_imports_are_found():
    found = names("abz.config")
    assert {"config.py", "vocabulary.py", "units.py", "errors.py"} <= found


def test_imports_inside_functions_are_found():
    assert "cli/pipeline.py" in names("abz.cli.main")


def test_unrelated_rooms_are_left_out():
    assert not {name for name in names("abz.units") if name.startswith(("world/", "report/"))}


def test_a_module_that_is_not_there_has_no_sources():
    assert module_sources("abz.nowhere") == []


def test_every_source_exists():
    assert all(path.is_file() for path in module_sources("abz.cli.main"))
    assert (repository() / "pyproject.toml").is_file()
