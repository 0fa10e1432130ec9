"""Totals of atoms from a cube in chunks: the integers of the whole, from one pass."""

from __future__ import annotations

import importlib
import threading

import dask.array as dask_array
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from abz.budgets import atom_totals, zone_membership, zone_totals
from abz.errors import GridError, InputError, MissingDataError, UnitsError
from abz.grid import zonal_sums
from abz.units import AREA_QUANTUM, GRAM_QUANTUM, MONTHLY_FLUX

module = importlib.import_module("abz.budgets.atom_totals")

SHAPE = (3, 14, 9, 11)
ATOMS = 5
DIMS = ("member", "time", "y", "x")


def zones():
    rng = np.random.default_rng(1)
    names = {"biome": 6, "permafrost": 0, "region": 4, "vegetation": 70}
    codes = {f"atom_{n}": ("atom_id", np.full(ATOMS, code)) for n, code in names.items()}
    return xr.Dataset(
        {
            "area": (("y", "x"), rng.uniform(0, 1e6, SHAPE[2:])),
            "atom": (("y", "x"), rng.integers(-1, ATOMS, SHAPE[2:]).astype(np.int32)),
        },
        coords={
            "y": np.arange(SHAPE[2], 0, -1.0),
            "x": np.arange(SHAPE[3]) * 1.0,
            "atom_area": ("atom_id", np.full(ATOMS, 1e9)),
            **codes,
        },
    )


def cube(values=None):
    rng = np.random.default_rng(0)
    if values is None:
        values = rng.normal(0, 50, SHAPE).astype(np.float32)
        values[rng.random(SHAPE) < 0.1] = np.nan
    months = np.arange("2001-01", "2002-03", dtype="datetime64[M]").astype("datetime64[ns]")
    coords = {"member": [0, 1, 2], "time": months, "y": zones()["y"], "x": zones()["x"]}
    return xr.DataArray(values, dims=DIMS, coords=coords, attrs={"units": MONTHLY_FLUX})


ZONES, CUBE = zones(), cube()
WHOLE = zonal_sums(CUBE.values, ZONES["area"].values, ZONES["atom"].values, ATOMS)


def assert_whole(totals):
    np.testing.assert_array_equal(totals["grams"], WHOLE[0])
    np.testing.assert_array_equal(totals["valid_area"], WHOLE[1])


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(module, "BLOCK", 500)


def test_totals_are_the_sums_with_labels():
    totals = atom_totals(CUBE, ZONES)
    assert_whole(totals)
    assert totals["grams"].dims == totals["valid_area"].dims == ("member", "time", "atom_id")
    assert totals["grams"].attrs["scale"] == GRAM_QUANTUM
    assert totals["valid_area"].attrs["scale"] == AREA_QUANTUM
    assert totals["grams"].dtype == totals["valid_area"].dtype == np.int64
    assert {"member", "time", "atom_area", "atom_biome"} == set(totals.coords) - {
        "atom_permafrost", "atom_region", "atom_vegetation",
    }  # fmt: skip


@settings(max_examples=20)
@given(
    chunks=st.tuples(*(st.integers(1 + size // 3, size) for size in SHAPE)),
    block=st.integers(100, 2 * CUBE.size),
    workers=st.integers(1, 3),
)
def test_no_chunks_no_block_and_no_threads_change_a_total(chunks, block, workers):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK", block)
        chunked = CUBE.chunk(dict(zip(DIMS, chunks, strict=True)))
        assert_whole(atom_totals(chunked, ZONES, workers=workers))
        assert_whole(atom_totals(CUBE, ZONES, workers=workers))


@pytest.mark.parametrize("stored", ["netcdf", "zarr"])
def test_files_are_read_in_blocks(tmp_path, small_blocks, stored):
    path = tmp_path / stored
    held = CUBE.to_dataset(name="nee")
    if stored == "zarr":
        encoding = {"nee": {"chunks": (1, 5, 4, 6)}}
        held.to_zarr(path, encoding=encoding, zarr_format=2, consolidated=False)
        opened = xr.open_zarr(path, chunks=None, consolidated=False)
    else:
        held.to_netcdf(path)
        opened = xr.open_dataset(path)
    with opened:
        assert_whole(atom_totals(opened["nee"], ZONES))
        assert not opened["nee"].variable._in_memory


def test_each_chunk_is_made_once_and_few_are_held(small_blocks):
    lock, made = threading.Lock(), []

    def make(block_info):
        with lock:
            made.append(tuple(block_info[None]["chunk-location"]))
        place = tuple(slice(*ends) for ends in block_info[None]["array-location"])
        return CUBE.values[place]

    sides = tuple(
        (step,) * (size // step) + ((size % step,) if size % step else ())
        for size, step in zip(SHAPE, (1, 4, 5, 5), strict=True)
    )
    values = dask_array.map_blocks(
        make, chunks=sides, dtype=np.float32, meta=np.empty((0,) * 4, np.float32)
    )
    assert_whole(atom_totals(cube(values), ZONES, workers=2))
    assert len(made) == len(set(made)) == 3 * 4 * 2 * 3


@pytest.mark.parametrize("stored", [{}, {"member": 1, "time": 2, "y": 4, "x": 5}])
def test_blocks_hold_no_more_than_they_may(small_blocks, stored):
    array = CUBE.copy()
    array.encoding["preferred_chunks"] = stored
    seen = np.zeros(SHAPE, int)

    def add(window, values):
        seen[window] += 1
        assert values.size <= 500
        assert all(
            part.start % stored.get(dim, 1) == 0 for dim, part in zip(DIMS, window, strict=True)
        )

    module._in_one_pass(array, add, 1)
    assert (seen == 1).all()


def test_cells_may_come_first():
    assert_whole(atom_totals(CUBE.transpose("x", "member", "y", "time"), ZONES))


def test_one_layer_has_totals_too():
    totals = atom_totals(CUBE[1, 2], ZONES)
    np.testing.assert_array_equal(totals["grams"], WHOLE[0][1, 2])


def test_zones_follow_from_atoms():
    found = zone_totals(atom_totals(CUBE, ZONES), zone_membership(ZONES))
    whole = found.isel(zone_id=found["zone"].values.tolist().index("ABZ"))
    np.testing.assert_array_equal(whole["grams"], WHOLE[0].sum(axis=-1))
    area = np.where(np.isnan(CUBE.values), 0, ZONES["area"].values)
    held = np.where(ZONES["atom"].values >= 0, area, 0).sum(axis=(2, 3))
    mean = WHOLE[0].sum(axis=-1) * GRAM_QUANTUM / held
    np.testing.assert_allclose(whole["g_m2"], mean, rtol=1e-6)


def test_units_are_needed():
    with pytest.raises(UnitsError):
        atom_totals(CUBE.assign_attrs(units="kg"), ZONES)


def test_maps_are_needed():
    with pytest.raises(MissingDataError, match="area"):
        atom_totals(CUBE, ZONES.drop_vars("area"))


@pytest.mark.parametrize(
    "other", [CUBE[..., 1:], CUBE.assign_coords(x=CUBE["x"] + 0.5), CUBE.rename(x="lon")]
)
def test_other_cells_are_an_error(other):
    with pytest.raises(GridError, match="different cells"):
        atom_totals(other, ZONES)


@pytest.mark.parametrize("workers", [1, 2])
def test_totals_that_overflow_from_block_to_block_are_an_error(small_blocks, workers):
    half, flux = (cube(np.full(SHAPE, each)).chunk(y=5) for each in (2e9, 4e9))
    area, atom = xr.full_like(ZONES["area"], 1e6), xr.zeros_like(ZONES["atom"])
    heavy = ZONES.assign(area=area, atom=atom)
    atom_totals(half, heavy, workers=workers)
    with pytest.raises(InputError, match="total of an atom"):
        atom_totals(flux, heavy, workers=workers)
