import numpy as np
import pandas as pd
import pytest

from abz.applicability import left_out_widening
from abz.cli.layout import Layout
from abz.cli.stages import fit, validate
from abz.cli.storage import read_json, read_table, read_zarr, write_table, write_zarr
from abz.digest import sha256_tree
from abz.errors import InputError
from abz.grid import Grid
from abz.modelling import DESIGNS, Intervals, climatology_baseline, coverage_table, scores
from abz.vocabulary import FLUXES, predictor_names

EVERY = [name for name in DESIGNS if name != "leave_one_site_out"]
TABLES = [
    "components", "coverage", "designs", "ensemble", "held_out", "relative_skill", "site_skill",
    "skill",
]  # fmt: skip


def importance_of(layout):
    rows = [("fine", flux, name, 1.0 + n % 3) for flux in FLUXES
            for n, name in enumerate(predictor_names("fine"))]  # fmt: skip
    columns = ["model_set", "flux", "predictor", "rmse_increase"]
    write_table(pd.DataFrame(rows, columns=columns), layout.drivers / "importance.parquet")


def validated(config, layout, flux="nee"):
    (folder,) = validate.run(config, layout, model_set="fine", flux=flux)
    return {name: read_table(folder / f"{name}.parquet") for name in TABLES}, folder


@pytest.fixture(scope="module")
def bare(fitted_run, tmp_path_factory):
    """The small run, whose rows tell neither place nor biome."""
    config, source = fitted_run
    layout = Layout(tmp_path_factory.mktemp("bare"))
    for name in ("cube", "sites", "models", "zones"):
        (layout.root / name).symlink_to(source.root / name)
    importance_of(layout)
    return config, layout, *validated(config, layout)


@pytest.fixture(scope="module")
def rich(make_run, tmp_path_factory):
    """Sites with places, cells, biomes, fires; the first two stand in one cell."""
    config, layout = make_run(
        tmp_path_factory.mktemp("rich"),
        forest={"trees": 4, "tuning_trees": 2, "member_trees": 4, "members": 3, "mtry": [2]},
        validation={"designs": EVERY, "samples": 50, "folds": 3},
    )
    zones = read_zarr(layout.zones("fine")).load()
    rng, domain = np.random.default_rng(3), np.argwhere(zones["domain"].values == 1)
    cells = domain[np.linspace(0, len(domain) - 1, 24).astype(int)]
    cells[1] = cells[0]
    inside, across = zones["domain"].values == 1, np.indices(zones["domain"].shape)[1]
    region = np.where(inside, across // 9, -1).astype(np.int16)
    write_zarr(zones.assign(region=(("y", "x"), region)), layout.zones("fine"))
    table = pd.DataFrame({name: rng.normal(size=480) for name in predictor_names("fine")})
    number = np.arange(480) % 24
    lon, lat = (axis[tuple(cells.T)] for axis in Grid.of(zones).lonlat())
    table = table.assign(
        site=[f"s{n:02d}" for n in number], latitude=lat[number], longitude=lon[number],
        row=cells[number, 0], column=cells[number, 1], month=np.arange(480) // 24 % 12 + 1,
        year=2002 + np.arange(480) // 288, vegetation=np.array([21.0, 30, 70])[number % 3],
        biome=np.where(number % 2, "boreal", "tundra"), flux_method="EC",
        disturbance=np.where(number < 3, "Fire", None),
    )  # fmt: skip
    for place, flux in enumerate(FLUXES):
        table[flux] = table["lst"] * (place + 1) + rng.normal(size=480) / 4
    write_table(table, layout.training("fine"))
    years = table[["site", "year", "month"]].assign(disturbance_year=1999.0)
    write_table(years, layout.sites / "site_months.parquet")
    importance_of(layout)
    fit.run(config, layout, model_set="fine", flux="nee")
    return config, layout, *validated(config, layout)


def test_writes_all_tables(bare):
    *_, tables, folder = bare
    names = [*(f"{name}.parquet" for name in TABLES), "intervals.json"]
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)
    assert all(len(table) for table in tables.values())


def test_rows_without_places_say_why_designs_are_lacking(bare):
    designs = bare[2]["designs"].set_index("design")
    assert designs.loc["colocated", "note"] == "no site has coordinates"
    assert designs.loc["leave_region_out", "note"] == "no site has a region"
    assert designs.loc["random_sites", "folds"] == 4
    assert bare[2]["held_out"]["nearest_site"].isna().all()


def test_too_few_sites_for_a_level_are_told(bare):
    intervals = Intervals.from_dict(read_json(bare[3] / "intervals.json"))
    assert not intervals.reachable
    assert "19 needed" in intervals.message
    assert np.isinf(bare[2]["held_out"]["upper"]).all()


def test_all_designs_are_made_where_places_are_known(rich):
    designs = rich[2]["designs"].set_index("design")
    assert list(designs.index) == list(DESIGNS)
    assert (designs["folds"] > 1).all()
    assert designs.loc["colocated", "note"] == "2 sites share 1 places"
    assert designs.loc["same_cell", "folds"] == 23
    partition = designs.drop(index="leave_year_out")
    assert partition[["w_km", "w_feature"]].notna().all(axis=None)
    assert designs.loc["leave_year_out", ["w_km", "w_feature"]].isna().all()


def test_leaving_one_site_out_is_that_of_the_fit(rich):
    _, layout, tables, _ = rich
    held_out = read_table(layout.models("fine", "nee") / "held_out.parquet")
    reference = tables["designs"].iloc[0]
    assert reference["design"] == "leave_one_site_out"
    assert reference["rmse"] == scores(held_out["observed"], held_out["predicted"]).rmse
    assert tables["held_out"]["predicted"].equals(held_out["predicted"])
    alone = ~tables["held_out"]["site"].isin(["s00", "s01"])
    same = tables["held_out"].loc[alone, "same_cell"]
    assert same.equals(tables["held_out"].loc[alone, "predicted"])


def test_baselines_and_scores_are_those_of_their_functions(rich):
    rows = rich[2]["held_out"]
    assert rows["climatology"].equals(climatology_baseline(rows)["predicted"])
    skill = rich[2]["skill"].set_index(["model", "group_kind", "group"])
    for model, column in (("forest", "predicted"), ("nearest_site", "nearest_site")):
        expected = scores(rows["observed"].to_numpy(), rows[column].to_numpy())
        assert skill.loc[(model, "all", "all"), "rmse"] == pytest.approx(expected.rmse)
    assert skill.loc[("forest", "years_since_fire", "0-3"), "sites"] == 3
    assert set(rich[2]["components"]["model"]) == {"forest", "climatology", "nearest_site"}


def test_intervals_are_wider_outside_the_area_only(rich):
    rows = rich[2]["held_out"]
    intervals = Intervals.from_dict(read_json(rich[3] / "intervals.json"))
    assert intervals.reachable
    lower, _ = intervals.offsets(rows["stratum"])
    grown = (rows["lower"] - rows["predicted"]) / lower
    inside = rows["area"] == "inside"
    assert inside.any() and (~inside).any()
    assert grown[inside].to_numpy() == pytest.approx(1)
    assert grown[~inside].to_numpy() == pytest.approx(rows.loc[~inside, "widening"].to_numpy())
    assert (rows["widening"] >= 1).all()
    assert {"inside", "outside"} <= set(rich[2]["coverage"]["stratum"])


def test_coverage_is_of_intervals_that_the_site_had_no_part_in(rich):
    rows = rich[2]["held_out"]
    residual = (rows["predicted"] - rows["observed"]).to_numpy()
    outside, growth = left_out_widening(rows["dissimilarity"], residual, rows["site"])
    own = rows.assign(area=np.where(outside, "outside", "inside"), widening=growth)
    expected = coverage_table(
        own, (0.9,), ("biome", "season"), widening="widening", groups=["area"]
    )
    found = rich[2]["coverage"]
    found = found[found["nominal"] == 0.9].reset_index(drop=True)
    pd.testing.assert_frame_equal(found, expected)
    assert not np.array_equal(growth, rows["widening"])


def test_both_units_are_compared_and_the_mapped_one_is_marked(rich):
    table = rich[2]["ensemble"]
    assert table.groupby("unit")["mapped"].first().to_dict() == {"row": True, "site": False}
    assert table.groupby("unit")["predictors"].first().to_dict() == {
        "row": "continuous", "site": "all"
    }  # fmt: skip
    assert set(table["where"]) == {"training rows", "map"}
    assert (table["sd_error"] == table["sd"] / 2).all()
    assert table.groupby("unit")["trees"].first().to_dict() == {"row": 4, "site": 2}


def test_other_trees_have_a_reference_of_their_own(rich, tmp_path):
    config, layout, _, _ = rich
    options = config.validation.model_copy(update={"trees": 3, "designs": ["random_sites"]})
    config = config.model_copy(update={"validation": options})
    tables, _ = validated(config, copy_of(layout, tmp_path))
    held_out = tables["held_out"]
    cases_error = scores(held_out["observed"], held_out["predicted"]).rmse
    assert tables["designs"].iloc[0]["rmse"] != cases_error
    assert tables["designs"].iloc[0]["rmse_change"] == 0


def test_same_inputs_same_bytes_for_any_workers(rich, tmp_path):
    config, layout, _, folder = rich
    again = copy_of(layout, tmp_path)
    validated(config.model_copy(update={"workers": 12}), again)
    assert sha256_tree(again.validation("fine", "nee")) == sha256_tree(folder)


def test_held_out_rows_of_another_table_are_refused(rich, tmp_path):
    config, layout, _, _ = rich
    again = copy_of(layout, tmp_path, "sites")
    write_table(read_table(layout.training("fine"))[::-1], again.training("fine"))
    with pytest.raises(InputError, match="held-out"):
        validated(config, again)


def copy_of(layout, folder, *without):
    """The run up to its validation, elsewhere."""
    moved = Layout(folder / "run")
    moved.root.mkdir()
    for name in {"cube", "sites", "models", "zones", "drivers"} - set(without):
        (moved.root / name).symlink_to(layout.root / name)
    return moved
