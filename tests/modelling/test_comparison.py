from dataclasses import replace

import numpy as np
import pytest

from abz.errors import InputError
from abz.modelling.comparison import DESIGNS, FoldOptions, Places, make_designs
from abz.modelling.designs import check_folds
from abz.modelling.nearest_neighbour import mismatch
from abz.modelling.spaces import feature_space, geographic_space

OPTIONS = FoldOptions(within_km=5, year_parts=2, folds=4, seed=1)


def places(sites=12, rows=120, seed=0):
    """Sites along a parallel; the first two stand 1 km apart, in one cell."""
    rng = np.random.default_rng(seed)
    site = np.sort(rng.integers(sites, size=rows))
    lon = 10.0 + 7 * np.arange(sites)
    lon[1] = lon[0] + 0.02
    names = np.array([f"s{number:02d}" for number in range(sites)])
    cell = np.stack([np.zeros(sites, int), (lon // 7).astype(int)], axis=1)
    cells = np.linspace(-180, 180, 50)
    year = rng.integers(2001, 2006, rows)
    geography = geographic_space(names[site], lon[site], np.full(rows, 60.0), cells, cells * 0 + 65)
    features = feature_space(names, rng.normal(size=(sites, 3)), rng.normal(size=(40, 3)))
    return Places(
        names[site], year, lon[site], np.full(rows, 60.0), cell[site], (site // 4), geography,
        features,
    )  # fmt: skip


def made(name, where, options=OPTIONS):
    return make_designs([name], where, options)[0]


@pytest.mark.parametrize("name", DESIGNS)
def test_every_design_keeps_sites_apart_and_tests_each_row_once(name):
    where = places()
    design = made(name, where)
    tested = np.concatenate([test for _, test in design.folds])
    assert sorted(tested) == list(range(where.sites.size))
    check_folds(design.folds, where.sites)


def test_near_towers_and_those_of_one_cell_are_held_out_together():
    where = places()
    for name in ("colocated", "same_cell"):
        design = made(name, where)
        assert len(design.folds) == 11
        assert design.note == "2 sites share 1 places"
        shared = [np.unique(where.sites[test]).tolist() for _, test in design.folds]
        assert ["s00", "s01"] in shared
    apart = made("colocated", where, replace(OPTIONS, within_km=0.5))
    assert (len(apart.folds), apart.note) == (12, "none is shared")


def test_sites_without_a_place_stand_alone_or_are_left_out():
    where = places()
    lost = np.isin(where.sites, ["s00", "s05"])
    nowhere = replace(
        where,
        lon=np.where(lost, np.nan, where.lon),
        region=np.where(lost, -1, where.region),
    )
    alone = made("colocated", nowhere)
    assert len(alone.folds) == 12
    assert "2 sites without coordinates stand alone" in alone.note
    region = made("leave_region_out", nowhere)
    used = np.concatenate([np.concatenate(fold) for fold in region.folds])
    assert not lost[used].any()
    assert f"2 sites without a region ({lost.sum()} rows) are left out" in region.note


def test_a_design_that_cannot_be_made_says_why_and_the_others_go_on():
    where = replace(
        places(), lon=np.full(120, np.nan), region=np.ones(120, int), geography=None
    )  # fmt: skip
    names = ["colocated", "leave_region_out", "knndm_geographic", "random_sites"]
    found = {design.name: design for design in make_designs(names, where, OPTIONS)}
    assert found["colocated"].note == "no site has coordinates"
    assert found["knndm_geographic"].note == "fewer than two sites have coordinates"
    assert "empty side" in found["leave_region_out"].note
    assert all(not found[name].folds for name in names[:3])
    assert len(found["random_sites"].folds) == 4


def test_unknown_designs_are_refused():
    with pytest.raises(InputError, match="did you mean 'colocated'"):
        make_designs(["collocated"], places(), OPTIONS)


def test_w_is_that_of_the_whole_space_where_all_sites_are_tested():
    where = places()
    design = made("leave_region_out", where)
    regions = np.array([where.region[where.sites == s][0] for s in where.geography.sites])
    assert design.w_km == mismatch(where.geography, regions)
    assert design.w_feature == mismatch(where.features, regions)
    alone = made("leave_one_site_out", where)
    assert alone.w_km == mismatch(where.geography, np.arange(12))


def test_w_of_a_design_that_leaves_sites_out_is_of_the_map_to_the_others():
    where = places()
    lost = np.isin(where.sites, ["s02", "s05", "s11"])
    partly = replace(where, region=np.where(lost, -1, where.region))
    kept = ~np.isin(where.geography.sites, ["s02", "s05", "s11"])
    lon, lat = 10.0 + 7 * np.arange(12), np.full(12, 60.0)
    lon[1] = lon[0] + 0.02
    cells = np.linspace(-180, 180, 50)
    names = where.geography.sites[kept]
    without = geographic_space(names, lon[kept], lat[kept], cells, cells * 0 + 65)
    regions = np.array([where.region[where.sites == name][0] for name in names])
    design = made("leave_region_out", partly)
    assert design.w_km == pytest.approx(mismatch(without, regions), rel=1e-9)
    assert design.w_feature == mismatch(where.features.of_sites(kept), regions)


def test_more_folds_than_sites_are_told():
    options = replace(OPTIONS, folds=40)
    for name in ("random_sites", "knndm_geographic"):
        design = made(name, places(), options)
        assert len(design.folds) == 12
        assert "12 folds, as there are no more sites" in design.note
    assert "no more sites" not in made("random_sites", places(), replace(OPTIONS, folds=12)).note


def test_w_needs_sites_that_are_tested_once():
    design = made("leave_year_out", places())
    assert np.isnan([design.w_km, design.w_feature]).all()
    assert design.note == "5 years × 2 parts of the sites"


def test_matched_folds_are_at_least_as_near_to_the_map_as_random_ones():
    where = places()
    for seed in range(5):
        options = replace(OPTIONS, seed=seed)
        random = made("random_sites", where, options)
        assert made("knndm_geographic", where, options).w_km <= random.w_km + 1e-9


def test_the_order_of_rows_does_not_matter():
    where = places()
    order = np.random.default_rng(5).permutation(where.sites.size)
    mixed = replace(
        where, sites=where.sites[order], year=where.year[order], lon=where.lon[order],
        lat=where.lat[order], cell=where.cell[order], region=where.region[order],
    )  # fmt: skip
    for name in DESIGNS:
        first, second = made(name, where), made(name, mixed)
        assert first.note == second.note
        for (_, one), (_, two) in zip(first.folds, second.folds, strict=True):
            assert set(one) == set(order[two])
