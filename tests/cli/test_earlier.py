import pytest

from abz.cli.earlier import command, made
from abz.errors import MissingDataError


def test_options_are_shown_as_they_are_typed():
    assert command("sites", {}) == "abz sites"
    assert command("upscale", {"model_set": "coarse"}) == "abz upscale --set coarse"


def test_what_is_there_is_returned_and_what_is_not_names_its_stage(tmp_path):
    path = tmp_path / "importance.parquet"
    with pytest.raises(MissingDataError, match="the importance is not there") as error:
        made(path, "the importance", "drivers")
    assert "run `abz drivers` first" in str(error.value)
    path.touch()
    assert made(path, "the importance", "drivers") == path
