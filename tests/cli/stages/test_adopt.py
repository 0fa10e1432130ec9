"""The stage that takes the published maps as those of a run."""

import netCDF4
import numpy as np
import pytest
import xarray as xr

from abz.catalog import write_world_catalog
from abz.cli import adopt_job
from abz.cli.export import Order, export
from abz.cli.plan import make_plan
from abz.cli.stages import adopt
from abz.cli.storage import read_zarr, write_json
from abz.digest import sha256_tree
from abz.errors import ConfigError, GridError, InputError, MissingDataError, PinError
from abz.vocabulary import FLUXES

FILES = {"nee": "NEE", "gpp": "GPP", "reco": "Reco"}


def stored(config, flux):
    """All months (time, northing, easting) of a flux, north up, as plain netCDF has them."""
    folder = config.archive / "ornl_2377"
    name = FILES[flux]
    parts = []
    for path in sorted(folder.glob(f"CO2Fluxes_Arctic_Boreal_{name}_*.nc")):
        with xr.open_dataset(path, decode_times=False) as file:
            ordered = file[name].sortby("northing", ascending=False).sortby("easting")
            parts.append(ordered.values)
    return np.concatenate(parts)


def test_maps_are_those_of_the_files_inside_the_zones(adopted_run):
    config, layout = adopted_run
    flux, zones = read_zarr(layout.flux("fine")), read_zarr(layout.zones("fine"))
    inside = zones["domain"].values == 1
    assert inside.sum() > 100
    for name in FLUXES:
        values = stored(config, name)
        np.testing.assert_array_equal(flux[name].values[:, inside], values[:, inside])
        assert np.isnan(flux[name].values[:, ~inside]).all()
        assert "ancillary_variables" not in flux[name].attrs


def test_totals_are_sums_of_whole_cells(adopted_run):
    config, layout = adopted_run
    totals, zones = read_zarr(layout.totals("fine")), read_zarr(layout.zones("fine"))
    inside = zones["domain"].values == 1
    for name in FLUXES:
        values = stored(config, name).astype(np.float64)
        one = totals.sel(flux=name)
        held = one["grams"].sel(member=0).sum("atom_id") * totals["grams"].attrs["scale"]
        np.testing.assert_allclose(held, values[:, inside].sum(1) * 1.6e11, rtol=1e-9)
        source = one["source_grams"] * totals["source_grams"].attrs["scale"]
        np.testing.assert_allclose(source, np.nansum(values, axis=(1, 2)) * 1.6e11, rtol=1e-9)
    assert totals.sizes["member"] == 1
    assert int(totals["partial"].sum()) == 0


def test_workers_change_no_byte(adopted_run, published_copy, maps_of):
    config, layout = published_copy(workers=2)
    adopt.run(config, layout, model_set="fine")
    assert maps_of(layout) == maps_of(adopted_run[1])


def test_bands_of_any_height_give_the_same_bytes(published_copy, maps_of, monkeypatch):
    made = []
    for module in (adopt, adopt_job):
        monkeypatch.setattr(module, "TILE_CELLS", 8)
    for height in (8, 16, 64):
        monkeypatch.setattr(adopt, "BAND_ROWS", height)
        config, layout = published_copy(name=f"rows-{height}")
        adopt.run(config, layout, model_set="fine")
        made.append(maps_of(layout))
    assert made[0] == made[1] == made[2]


def test_a_killed_run_goes_on_where_it_stopped(adopted_run, published_copy, maps_of, monkeypatch):
    config, layout = published_copy()
    worked = []

    def failing(job, band):
        if len(worked) == 3:
            raise KeyboardInterrupt
        worked.append(band.name)
        return adopt_job.work(job, band)

    monkeypatch.setattr(adopt, "work", failing)
    with pytest.raises(KeyboardInterrupt):
        adopt.run(config, layout, model_set="fine")
    first = list(worked)
    monkeypatch.setattr(adopt, "work", lambda job, band: worked.append(band.name) or
                        adopt_job.work(job, band))  # fmt: skip
    adopt.run(config, layout, model_set="fine")
    assert len(first) == 3
    assert len(worked) == len(set(worked)) == 20
    assert maps_of(layout) == maps_of(adopted_run[1])
    worked.clear()
    adopt.run(config, layout, model_set="fine")
    assert worked == []


def test_a_step_of_precision_changes_maps_and_not_totals(adopted_run, published_copy):
    config, layout = published_copy(upscaling={"precision": 0.02})
    adopt.run(config, layout, model_set="fine")
    whole = adopted_run[1]
    for name in FLUXES:
        packed, exact = (read_zarr(each.flux("fine"))[name].values for each in (layout, whole))
        np.testing.assert_allclose(packed, exact, atol=0.0100001)
        assert not np.array_equal(packed, exact, equal_nan=True)
    xr.testing.assert_identical(
        read_zarr(layout.totals("fine")).load(), read_zarr(whole.totals("fine")).load()
    )


def test_vegetation_is_left_open_where_its_maps_are_not_there(published_copy):
    config, layout = published_copy()
    for path in (config.archive / "cavm").iterdir():
        path.unlink()
    write_world_catalog(config.archive)
    adopt.run(config, layout, model_set="fine")
    zones = read_zarr(layout.zones("fine"))
    assert set(np.unique(zones["vegetation"])) == {-1}
    assert int(zones["domain"].sum()) > 100


def test_a_missing_year_or_flux_is_named_before_the_work(published_copy):
    config, layout = published_copy()
    (config.archive / "ornl_2377" / "CO2Fluxes_Arctic_Boreal_Reco_2003.nc").unlink()
    with pytest.raises(MissingDataError, match="CO2Fluxes_Arctic_Boreal_Reco_2003"):
        adopt.run(config, layout, model_set="fine")
    assert not layout.flux("fine").exists()


def test_a_file_that_is_not_the_pinned_one_is_refused(published_copy):
    config, layout = published_copy()
    path = config.archive / "ornl_2377" / "CO2Fluxes_Arctic_Boreal_GPP_2002.nc"
    other = config.archive / "ornl_2377" / "CO2Fluxes_Arctic_Boreal_GPP_2004.nc"
    path.write_bytes(other.read_bytes())
    with pytest.raises(PinError, match="GPP_2002"):
        adopt.run(config, layout, model_set="fine")


@pytest.mark.parametrize(("flux", "factor", "what"), [
    ("nee", -1.0, "nee of .* of 2005 has the opposite sign"),
    ("reco", -1.0, "reco of .* of 2005 has the opposite sign"),
    ("gpp", 1 / 30, "gpp of .* of 2005 is next to nothing"),
    ("nee", np.nan, "nee of .* of 2005 has months without a value"),
])  # fmt: skip
def test_a_wrong_year_is_refused_again_and_again(published_copy, flux, factor, what):
    config, layout = published_copy()
    path = config.archive / "ornl_2377" / f"CO2Fluxes_Arctic_Boreal_{FILES[flux]}_2005.nc"
    with netCDF4.Dataset(path, "a") as file:
        file[FILES[flux]][:] = file[FILES[flux]][:] * factor
    write_world_catalog(config.archive)
    for _ in range(2):
        with pytest.raises(InputError, match=what):
            adopt.run(config, layout, model_set="fine")
    assert not layout.totals("fine").exists()


def test_other_cells_than_configured_are_refused(published_copy):
    sets = {"fine": {"cell_m": 3e5, "first_year": 2001, "last_year": 2020}}
    config, layout = published_copy(sets=sets)
    with pytest.raises(GridError, match="other cells than the configuration"):
        adopt.run(config, layout, model_set="fine")


def test_a_plan_of_what_is_not_upscaled_is_refused(published_copy):
    with pytest.raises(ConfigError, match="nothing is upscaled"):
        make_plan(*published_copy())


def test_adopted_maps_are_exported_once_their_receipt_is_there(published_copy, tmp_path):
    config, layout = published_copy()
    adopt.run(config, layout, model_set="fine")
    order = Order(fluxes=["nee"], years=[2003], destination=tmp_path / "out")
    with pytest.raises(MissingDataError, match="`adopt` of the set"):
        export(config, order)
    maps = {"flux/fine.zarr": {"sha256": sha256_tree(layout.flux("fine"))}}
    write_json({"outputs": maps}, layout.receipts / "adopt_fine.json")
    (path,) = export(config, order)
    with xr.open_dataset(path) as file:
        values = file["NEE"].transpose("tm", ...).values
    again = stored(config, "nee")[24:36]
    known = np.isfinite(values)
    assert known.sum() > 1000
    assert set(np.round(values[known], 3)) <= set(np.round(again[np.isfinite(again)], 3))
