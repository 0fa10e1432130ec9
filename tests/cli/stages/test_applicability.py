import numpy as np
import pytest

from abz.cli import cells
from abz.cli.layout import Layout
from abz.cli.stages import applicability, drivers, upscale
from abz.cli.storage import read_table, read_zarr, write_table, write_zarr
from abz.errors import InputError
from abz.grid import Grid
from abz.units import G_PER_TG, GRAM_QUANTUM
from abz.vocabulary import FLUXES


@pytest.fixture(scope="module")
def judged(fitted_run, tmp_path_factory):
    """The small run with classes that are declared, and its maps of applicability."""
    config, source = fitted_run
    layout = Layout(tmp_path_factory.mktemp("judged"))
    for name in ("cube", "sites", "models"):
        (layout.root / name).symlink_to(source.root / name)
    zones = read_zarr(source.zones("fine")).load()
    codes = {"biome": [6, 6, 6, 11, 11], "region": [1, 2, 3, 4, 4], "permafrost": [0, 1, 2, 3, 4],
             "vegetation": [21, 30, 31, 33, 60]}  # fmt: skip
    classes = {f"atom_{k}": ("atom_id", np.int16(v)) for k, v in codes.items()}
    write_zarr(zones.assign_coords(classes), layout.zones("fine"))
    drivers.run(config, layout)
    upscale.run(config, layout, model_set="fine")
    return config, layout, applicability.run(config, layout, model_set="fine")


def test_writes_the_maps(judged):
    _, layout, paths = judged
    maps, zones = read_zarr(paths[0]), read_zarr(layout.zones("fine"))
    assert Grid.of(maps) == Grid.of(zones)
    assert dict(maps["density"].sizes) == {"flux": 3, "month": 12, **dict(zones["area"].sizes)}
    outside = zones["domain"].values != 1
    assert (maps["inside"].values[..., outside] == -1).all()
    assert np.isnan(maps["dissimilarity"].values[..., outside]).all()
    known = ~np.isnan(maps["dissimilarity"].values)
    assert np.array_equal(known, maps["inside"].values >= 0)
    assert known.any()


def test_writes_the_tables(judged):
    _, layout, paths = judged
    error, shares, clusters, sites, _ = map(read_table, paths[1:])
    table = read_table(layout.training("fine"))
    assert set(error["flux"]) == set(shares["flux"]) == set(FLUXES)
    assert set(error["model_set"]) == {"fine"}
    assert clusters["sites"].sum() == table["site"].nunique()
    assert clusters["site_months"].sum() == len(table)
    assert clusters["area_share"].sum() == pytest.approx(1)
    assert shares["share_outside"].dropna().between(0, 1).all()
    assert (
        sites.set_index("site")["site_months"].to_dict() == table.groupby("site").size().to_dict()
    )
    counts = sites["cluster"].value_counts()
    assert clusters["sites"].tolist() == [counts.get(label, 0) for label in clusters["cluster"]]
    held = read_table(layout.models("fine", "nee") / "held_out.parquet")
    rows = error[error["flux"] == "nee"]
    assert rows["rows"].sum() + rows["unpredicted"].iloc[0] == len(held)


def test_fluxes_from_outside_and_inside_make_up_the_budget(judged):
    _, layout, paths = judged
    shares, totals = read_table(paths[2]), read_zarr(layout.totals("fine"))
    whole = shares[shares["zone_set"] == "abz"].groupby("flux")["total_tg"].sum()
    for number, flux in enumerate(totals["flux"].values):
        grams = totals["grams"].values[number, 0].sum() * GRAM_QUANTUM / G_PER_TG
        assert whole[flux] == pytest.approx(grams / 2, rel=1e-4)
    part = shares["outside_tg"].abs() > 0
    assert part.any()
    assert not (part & (shares["outside_m2"] == 0)).any()


def test_counts_the_land_of_a_type_without_towers(judged):
    """No training row stands in a wetland (160), and the run leaves such cells without a flux."""
    _, layout, paths = judged
    levels, zones = read_table(paths[5]), read_zarr(layout.zones("fine"))
    wetland = (read_zarr(layout.cube("fine"))["vegetation"].values == 160).sum()
    rows = levels[(levels["level"] == 160) & (levels["zone_set"] == "abz")]
    assert set(rows["flux"]) == set(FLUXES)
    assert set(rows["support"]) == {"unsupported"}
    assert set(rows["cells"]) == {wetland}
    assert set(levels.loc[levels["level"] != 160, "support"]) == {"supported"}
    whole = levels[(levels["zone_set"] == "abz") & (levels["flux"] == "nee")]
    assert whole["cells"].sum() == (zones["domain"].values == 1).sum()


def test_tiles_and_workers_change_nothing(judged, monkeypatch):
    config, layout, paths = judged
    maps = read_zarr(paths[0]).load()
    tables = [read_table(path) for path in paths[1:]]
    monkeypatch.setattr(applicability, "TILE_CELLS", 7)
    monkeypatch.setattr(cells, "TILE_CELLS", 9)
    changed = config.model_copy(update={"workers": 1})
    again = applicability.run(changed, layout, model_set="fine")
    assert read_zarr(again[0]).load().identical(maps)
    for path, table in zip(again[1:], tables, strict=True):
        assert read_table(path).equals(table)


@pytest.mark.parametrize("known", ["cells", "places"])
def test_reads_the_sites_at_their_cells_where_these_are_known(judged, tmp_path, known):
    config, layout, _ = judged
    zones = read_zarr(layout.zones("fine"))
    domain = np.argwhere(zones["domain"].values == 1)
    moved = Layout(tmp_path)
    for name in ("cube", "models", "zones", "drivers", "flux", "totals"):
        (moved.root / name).symlink_to(layout.root / name)
    table = read_table(layout.training("fine"))
    cells = {site: tuple(domain[9 * number]) for number, site in enumerate("abcd")}
    columns = ["row", "column"]
    if known == "places":
        columns = ["latitude", "longitude"]
        lon, lat = Grid.of(zones).lonlat()
        table[columns] = [(lat[cells[site]], lon[cells[site]]) for site in table["site"]]
    else:
        table[columns] = [cells[site] for site in table["site"]]
    write_table(table, moved.training("fine"))
    path, *tables = applicability.run(config, moved, model_set="fine")
    labels = read_zarr(path)["cluster"].values
    counts = read_table(tables[2]).set_index("cluster")["sites"]
    for cluster, sites in counts.items():
        assert sites == sum(labels[cell] == cluster for cell in cells.values())
    sites = read_table(tables[3]).set_index("site")
    assert sites["cluster"].to_dict() == {site: labels[cell] for site, cell in cells.items()}
    assert ("latitude" in sites) == (known == "places")


def test_a_site_off_the_map_has_the_means_of_its_own_rows(judged, tmp_path):
    config, layout, paths = judged
    moved = Layout(tmp_path)
    for name in ("cube", "models", "zones", "drivers", "flux", "totals"):
        (moved.root / name).symlink_to(layout.root / name)
    table = read_table(layout.training("fine")).assign(latitude=-80.0, longitude=5.0)
    write_table(table, moved.training("fine"))
    found = read_table(applicability.run(config, moved, model_set="fine")[4])
    before = read_table(paths[4])
    assert found[before.columns].equals(before)


def test_refuses_held_out_predictions_of_other_rows(judged, tmp_path):
    config, layout, _ = judged
    moved = Layout(tmp_path)
    for name in ("cube", "models", "zones", "drivers", "flux", "totals"):
        (moved.root / name).symlink_to(layout.root / name)
    write_table(read_table(layout.training("fine"))[::-1], moved.training("fine"))
    with pytest.raises(InputError, match="held-out"):
        applicability.run(config, moved, model_set="fine")
