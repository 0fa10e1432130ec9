import numpy as np
import pytest

from abz.cli.layout import Layout
from abz.cli.stages import applicability, drivers
from abz.cli.storage import read_table, read_zarr, write_table, write_zarr
from abz.errors import InputError
from abz.grid import Grid
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
    error, shares, clusters = map(read_table, paths[1:])
    table = read_table(layout.training("fine"))
    assert set(error["flux"]) == set(shares["flux"]) == set(FLUXES)
    assert set(error["model_set"]) == {"fine"}
    assert clusters["sites"].sum() == table["site"].nunique()
    assert clusters["site_months"].sum() == len(table)
    assert clusters["area_share"].sum() == pytest.approx(1)
    assert shares["share_outside"].dropna().between(0, 1).all()
    held = read_table(layout.models("fine", "nee") / "held_out.parquet")
    rows = error[error["flux"] == "nee"]
    assert rows["rows"].sum() + rows["unpredicted"].iloc[0] == len(held)


def test_tiles_and_workers_change_nothing(judged, monkeypatch):
    config, layout, paths = judged
    maps = read_zarr(paths[0]).load()
    tables = [read_table(path) for path in paths[1:]]
    monkeypatch.setattr(applicability, "TILE_CELLS", 7)
    changed = config.model_copy(update={"workers": 1})
    again = applicability.run(changed, layout, model_set="fine")
    assert read_zarr(again[0]).load().identical(maps)
    for path, table in zip(again[1:], tables, strict=True):
        assert read_table(path).equals(table)


def test_reads_the_sites_at_their_cells_where_these_are_known(judged, tmp_path):
    config, layout, _ = judged
    domain = np.argwhere(read_zarr(layout.zones("fine"))["domain"].values == 1)
    moved = Layout(tmp_path)
    for name in ("cube", "models", "zones", "drivers"):
        (moved.root / name).symlink_to(layout.root / name)
    table = read_table(layout.training("fine"))
    cells = {site: domain[9 * number] for number, site in enumerate("abcd")}
    table[["row", "column"]] = [cells[site] for site in table["site"]]
    write_table(table, moved.training("fine"))
    path, *tables = applicability.run(config, moved, model_set="fine")
    labels = read_zarr(path)["cluster"].values
    counts = read_table(tables[2]).set_index("cluster")["sites"]
    for cluster, sites in counts.items():
        assert sites == sum(labels[tuple(cell)] == cluster for cell in cells.values())


def test_refuses_held_out_predictions_of_other_rows(judged, tmp_path):
    config, layout, _ = judged
    moved = Layout(tmp_path)
    for name in ("cube", "models", "zones", "drivers"):
        (moved.root / name).symlink_to(layout.root / name)
    write_table(read_table(layout.training("fine"))[::-1], moved.training("fine"))
    with pytest.raises(InputError, match="held-out"):
        applicability.run(config, moved, model_set="fine")
