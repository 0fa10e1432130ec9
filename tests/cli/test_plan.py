"""Plans of small runs, with and without a cube and forests."""

import json

import pytest

from abz.cli import plan as planning
from abz.cli.layout import Layout
from abz.cli.main import main
from abz.cli.plan import make_plan
from abz.config import parse_config

TINY = {
    "name": "tiny",
    "workers": 1,
    "world": {"resolution_km": 200.0},
    "sets": {
        "fine": {"first_year": 2001, "last_year": 2020},
        "coarse": {"first_year": 1990, "last_year": 2016},
    },
    "forest": {"trees": 6, "member_trees": 4, "members": 5, "mtry": [2]},
}


@pytest.fixture(scope="module")
def made_up(tmp_path_factory):
    config = parse_config({**TINY, "output": str(tmp_path_factory.mktemp("plan"))})
    return make_plan(config, Layout(config.root), workers=4, seconds=0.0)


def test_a_plan_without_a_cube_spans_two_kinds_of_fields(made_up):
    fine, coarse = made_up["sets"]["fine"], made_up["sets"]["coarse"]
    assert set(fine["estimates"]) == {"landscape", "noise"}
    assert fine["cells"] == round(20.69e12 / 200e3**2)
    assert (fine["months"], fine["blocks"], coarse["blocks"]) == (240, 20, 27)
    assert fine["evaluations"] == fine["cells"] * 240 * 3 * 6
    low, high = made_up["total"]["core_hours"]
    each = [[e["core_hours"] for e in s["estimates"].values()] for s in (fine, coarse)]
    assert low == pytest.approx(sum(map(min, each)))
    assert high == pytest.approx(sum(map(max, each)))
    for found in fine["estimates"].values():
        efficiency = found["cost"]["efficiency"]
        assert found["wall_hours"] == pytest.approx(found["core_hours"] / 4 / efficiency)
        assert found["dask_worker_memory_bytes"] >= found["memory_bytes"] > 4e8
    assert any("made-up" in line for line in made_up["assumed"])


def test_a_plan_says_the_same_to_people_and_machines(made_up, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(planning, "make_plan", lambda *args, **kwargs: made_up)
    file = tmp_path / "a.toml"
    file.write_text('name = "a"\n[world]\n[sets.coarse]\nfirst_year = 1990\nlast_year = 1990\n')
    assert main(["plan", "--config", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == made_up
    assert main(["plan", "--config", str(file)]) == 0
    said = capsys.readouterr().out
    assert f"{made_up['sets']['fine']['cells']:,} cells × 240 months in 20 blocks" in said
    for line in (*made_up["measured"], *made_up["assumed"]):
        assert line in said


@pytest.mark.parametrize("workers", ["0", "-1", "two"])
def test_workers_are_a_number(workers):
    with pytest.raises(SystemExit):
        main(["plan", "--workers", workers])
