"""The benchmark of zonal sums: all engines add up the same, and the cube is what it should be."""

from fractions import Fraction
from importlib import import_module

import numpy as np
import pytest

from abz.units import GRAM_QUANTUM


@pytest.fixture(scope="module")
def engines(repository):
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(repository / "benchmarks")
        yield import_module("_zonal_engines")


@pytest.fixture(scope="module")
def benchmark(engines):
    return import_module("zonal")


@pytest.fixture(scope="module")
def case(engines):
    return engines.made_up(3, 120)


def test_every_engine_gives_the_exact_sums(engines, case):
    exact = engines.exact_sums(case)
    cells = np.bincount(case.atom[case.atom >= 0], minlength=engines.ATOMS)
    for name, engine in engines.engines().items():
        sums = engine(case)
        assert sums.shape == (3, engines.ATOMS)
        error = abs(sums[0].astype(object) - exact)
        ours = name.startswith("abz")
        assert (error <= cells * (Fraction(GRAM_QUANTUM) / 2 if ours else 1e-6)).all(), name


def test_turned_round_the_map_has_the_same_sums(engines, case):
    np.testing.assert_array_equal(engines.by_abz(case.turned()), engines.by_abz(case))
    assert not np.array_equal(case.turned().atom, case.atom)


def test_maps_have_sea_and_all_atoms(engines):
    area, atom = engines.zone_maps(600)
    assert (atom < 0).mean() == pytest.approx(engines.SEA, abs=0.01)
    assert np.isnan(area[atom < 0]).all()
    assert np.unique(atom[atom >= 0]).size > 0.8 * engines.ATOMS


def test_one_pass_over_a_small_cube(benchmark):
    found = benchmark.stream(benchmark.Size(1, 1, 1, 1, (2, 13, 600)))
    assert found["last_layer_exact"]
    assert found["cells"] == 2 * 13 * 600**2
    assert 0 < found["making_cpu_s"] < found["cpu_s"]
