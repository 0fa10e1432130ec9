"""A plan of a run that has its cube and forests."""

from abz.cli import plan as planning
from abz.cli.patches import patch_makers
from abz.cli.plan import make_plan
from abz.digest import tree_bytes


def test_a_plan_is_measured_on_the_runs_own_cube_and_forests(fitted_run):
    config, layout = fitted_run
    plan = make_plan(config, layout, seconds=0.0)
    fine = plan["sets"]["fine"]
    assert fine["extent_known"]
    assert set(fine["estimates"]) == {"cube"}
    assert fine["estimates"]["cube"]["cube_bytes"] == tree_bytes(layout.cube("fine"))
    assert fine["evaluations"] == fine["cells"] * 24 * 3 * 3
    assert fine["blocks"] == 2
    assert plan["total"]["core_hours"][0] == plan["total"]["core_hours"][1]
    assert not any("made-up" in line for line in plan["assumed"])


def test_a_cube_of_other_cells_is_left_aside(run_of, fitted_run):
    """The cells were made smaller since: nothing of the map is known, nothing of it is measured."""
    fine = fitted_run[0].sets["fine"].model_copy(update={"cell_m": 4e5})
    config, layout = run_of("a", sets={"fine": fine})
    plan = make_plan(config, layout, seconds=0.0)["sets"]["fine"]
    assert not plan["extent_known"]
    assert set(plan["estimates"]) == {"landscape", "noise"}
    assert plan["cells"] == round(20.69e12 / 4e5**2)


def test_threads_of_dask_workers_are_measured_alone(run_of, monkeypatch):
    asked = []
    calibrate = planning.calibrate

    def watched(*args, **options):
        asked.append(options["workers"])
        return calibrate(*args, **options)

    monkeypatch.setattr(planning, "calibrate", watched)
    for name, place in {"a": {}, "b": {"cluster": "local"}}.items():
        make_plan(*run_of(name, **place), seconds=0.0)
    assert asked == [2, 1]


def test_a_patch_is_a_window_of_a_tile_with_cells_of_the_domain(fitted_run):
    config, layout = fitted_run
    maker = patch_makers(config, layout, "fine")["cube"]
    for number in range(6):
        patch = maker(8, number)
        assert patch.zones.domain.any()
        assert patch.block.shape[:3] == (12, *patch.zones.domain.shape)
        assert len(patch.forests) == 3
        assert patch.read_s >= 0
