"""One wrong key, type, range or path is refused at once, by name."""

import pytest

from abz.config import Trends, load_config, parse_config
from abz.errors import ConfigError
from abz.trends import METHODS

FINE = {"cell_m": 4e5, "first_year": 2001, "last_year": 2020}


def table(**changes):
    return {"name": "x", "world": {}, "sets": {"fine": FINE}, **changes}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"forrest": {}}, ["`forrest`", "unknown key", "did you mean `forest`"]),
        ({"forest": {"tree": 5}}, ["`forest.tree`", "did you mean `trees`"]),
        ({"forest": {"trees": 0}}, ["`forest.trees`", ">= 1", "got:    0", "by default it is 500"]),
        ({"validation": {"level": 1.0}}, ["`validation.level`", "< 1", "by default it is 0.9"]),
        ({"validation": {"fold": 5}}, ["`validation.fold`", "did you mean `folds`"]),
        ({"fire": {"first_year": 2010, "last_year": 2005}}, ["first_year must not come after"]),
        ({"sets": {"fine": {**FINE, "last_year": 1999}}}, ["first_year must not come after"]),
        ({"sets": {"fine": {**FINE, "cell": 1}}}, ["`sets.fine.cell`", "`cell_m`"]),
        ({"sets": {"middle": FINE}}, ["`sets.middle`", '"fine", "coarse"']),
        ({"sets": {}}, ["at least one of [sets.fine] and [sets.coarse]"]),
        ({"fire": {"first_year": 1995}}, ["[fire] years must lie in those of [sets.fine]"]),
        ({"postfire": {"year": 2001}}, ["[postfire] year must lie in those of [fire]"]),
        ({"postfire": {"alpha": 1.0}}, ["`postfire.alpha`", "< 1"]),
        ({"trends": {"method": "zang"}}, ["`trends.method`", "zhang"]),
        ({"upscaling": {"cluster": "slurn"}}, ["`upscaling.cluster`", "slurm"]),
        ({"upscaling": {"scheduler": "here:8786"}}, ["`upscaling.scheduler`", "pattern"]),
        (
            {"upscaling": {"scheduler": "tcp://here:8786", "cluster": "local"}},
            ["`upscaling`", "exclude each other"],
        ),
        ({"name": "Demo Run"}, ["`name`", "pattern"]),
        ({"kind": "climatology"}, ["go together"]),
        (
            {"kind": "published_maps", "sets": {"fine": FINE, "coarse": FINE}},
            ["[sets.fine] and no other set"],
        ),
    ],
)
def test_mistakes_are_named(changes, words):
    with pytest.raises(ConfigError) as error:
        parse_config(table(**changes), "demo.toml")
    message = str(error.value)
    assert all(word in message for word in ["demo.toml", "remedy:", *words]), message


def test_all_wrong_keys_are_listed():
    with pytest.raises(ConfigError, match=r"also wrong: seeed"):
        parse_config(table(forest={"trees": 0}, seeed=1))


def test_a_data_folder_that_is_not_there_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("ABZ_DATA", str(tmp_path / "none"))
    with pytest.raises(ConfigError, match="`data`: the folder is not there"):
        parse_config({"name": "x", "sets": {"fine": FINE}})


def test_the_environment_replaces_the_data_folder_of_real_runs_only(tmp_path, monkeypatch):
    monkeypatch.setenv("ABZ_DATA", str(tmp_path))
    assert parse_config({"name": "x", "sets": {"fine": FINE}}).archive == tmp_path
    assert parse_config(table()).archive.as_posix() == "runs/x/archive"


def test_a_real_run_without_data_says_what_to_do(monkeypatch):
    monkeypatch.delenv("ABZ_DATA", raising=False)
    with pytest.raises(ConfigError, match="set ABZ_DATA"):
        _ = parse_config({"name": "x", "sets": {"fine": FINE}}).archive


def test_what_is_not_toml_is_refused(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text("name = ")
    with pytest.raises(ConfigError, match="is not TOML"):
        load_config(path)


def test_every_shipped_configuration_is_valid(repository, monkeypatch):
    monkeypatch.delenv("ABZ_DATA", raising=False)
    paths = sorted((repository / "tasks" / "config").glob("*.toml"))
    assert {"demo", "full", "real-climatology", "published-product", "ci"} <= {
        path.stem for path in paths
    }
    for path in paths:
        assert load_config(path).name == path.stem


def test_the_cells_of_a_synthetic_run_follow_its_world():
    years = {"first_year": 2001, "last_year": 2020}
    world = {"resolution_km": 50.0}
    config = parse_config(table(world=world, sets={"fine": years, "coarse": years}))
    assert {name: s.cell_m for name, s in config.sets.items()} == {"fine": 5e4, "coarse": 1e5}


def test_cells_of_the_earth_are_not_made_of_a_coarse_world():
    years = {"cell_m": 1000.0, "first_year": 2001, "last_year": 2020}
    with pytest.raises(ConfigError, match=r"(?s)sets.fine.*at least 10000 in a .world. of 200 km"):
        parse_config(table(world={"resolution_km": 200.0}, sets={"fine": years}))


def test_the_cells_of_a_real_run_have_to_be_given(tmp_path, monkeypatch):
    monkeypatch.setenv("ABZ_DATA", str(tmp_path))
    with pytest.raises(ConfigError, match=r"cell_m"):
        parse_config({"name": "x", "sets": {"fine": {"first_year": 2001, "last_year": 2020}}})


def test_a_file_that_is_not_utf8_is_refused(tmp_path):
    path = tmp_path / "a.toml"
    path.write_bytes(b'name = "\xe9"')
    with pytest.raises(ConfigError, match="is not TOML"):
        load_config(path)


@pytest.mark.parametrize(("precision", "step"), [("float32", None), (0.02, 0.02), (1, 1.0)])
def test_maps_are_stored_in_single_precision_or_in_steps(precision, step):
    assert parse_config(table(upscaling={"precision": precision})).upscaling.step == step


@pytest.mark.parametrize("precision", ["int16", "0.02", 0, -0.02, 1.5, float("nan"), True, [1]])
def test_other_precisions_are_refused(precision):
    with pytest.raises(ConfigError, match="upscaling") as error:
        parse_config(table(upscaling={"precision": precision}))
    assert "key `upscaling.precision`" in str(error.value)
    assert "a step above 0" in str(error.value)


def test_every_trend_method_can_be_configured():
    for method in METHODS:
        assert Trends(method=method).method == method


def test_the_corrected_year_is_the_last_one_with_fire():
    assert parse_config(table()).corrected_year == 2020
    assert parse_config(table(fire={"last_year": 2015})).corrected_year == 2015
    assert parse_config(table(postfire={"year": 2012})).corrected_year == 2012
