"""The upscaling benchmark asks all engines for the same, of windows that look as they should."""

from importlib import import_module

import numpy as np
import pytest

NAMES = ("_upscaling_fields", "_upscaling_engines", "upscaling", "window")


@pytest.fixture(scope="module")
def modules(repository):
    """The modules of the benchmark by name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(repository / "benchmarks")
        yield {name: import_module(name) for name in NAMES}


@pytest.fixture(scope="module")
def fields(modules):
    return modules["_upscaling_fields"]


@pytest.fixture(scope="module")
def rows(fields):
    return fields.training_rows(None)["nee"]


@pytest.fixture(scope="module")
def forest(fields, rows):
    return fields.forest_of(rows, "nee", trees=6)


def test_neighbours_are_as_alike_as_the_roughness_says(fields):
    likeness = []
    for nugget in (0.0, 0.05, 0.5):
        field = fields.landscape(128, 1, nugget, np.random.default_rng(3))
        assert field.shape == (128, 128)
        assert field.std() == pytest.approx(1, abs=0.1)
        likeness.append(np.corrcoef(field[:, 1:].ravel(), field[:, :-1].ravel())[0, 1])
    assert likeness[0] > likeness[1] > likeness[2]
    assert likeness[0] > 0.95
    assert likeness[2] == pytest.approx(0.5, abs=0.1)


def test_a_coarse_product_is_straight_between_its_cells(fields):
    field = fields.landscape(90, 9, 0.0, np.random.default_rng(0))
    bends = np.abs(np.diff(field, n=2, axis=1)) > 1e-9
    assert bends.mean() < 0.3


def test_the_window_takes_values_of_the_training_rows_of_the_month(fields, rows):
    block = fields.window_block(rows, 32, "likely")
    month = rows.X[:, rows.names.index("month")]
    for place, name in enumerate(rows.names):
        for step in (0, 6):
            seasonal = fields.PREDICTORS[name].cadence == "monthly"
            column = rows.X[(month == step + 1) | (not seasonal), place]
            values = block[step, ..., place]
            if name == "month":
                assert (values == step + 1).all()
            else:
                assert column.min() <= values.min()
                assert values.max() <= column.max()
                if fields.PREDICTORS[name].is_category:
                    assert set(np.unique(values)) <= set(np.unique(column))


def test_all_engines_answer_alike(modules, fields, rows, forest):
    block = fields.window_block(rows, 16, "rough")
    asked = np.ascontiguousarray(forest.encode(block.reshape(-1, block.shape[-1])))
    engines = modules["upscaling"].engines_of(forest)
    assert {"abz", "scikit-learn", "onnxruntime"} == set(engines)
    answers = {name: engine(asked, 1) for name, engine in engines.items()}
    assert np.array_equal(answers["abz"], answers["scikit-learn"])
    assert np.abs(answers["onnxruntime"] - answers["scikit-learn"]).max() < 1e-3


def test_the_summary_names_what_is_asked_of_it(modules, fields, rows, forest):
    upscaling = modules["upscaling"]
    size = upscaling.Size(("nee",), 6, 16, 1, (1,), (1,), 500)
    block = fields.window_block(rows, 16, "smooth")
    asked = np.ascontiguousarray(forest.encode(block.reshape(-1, block.shape[-1])))
    cases = [upscaling.Case("nee", name, forest, asked) for name in ("smooth", "rough", "shuffled")]
    found = [one for case in cases for one in upscaling.compare(case, size)]
    summary = upscaling.summary(found)
    assert summary["max_abs_diff"] == 0
    for name in ("vs_sklearn_smooth", "vs_sklearn_rough", "vs_sklearn_shuffled", "vs_onnxruntime"):
        assert summary[name] > 0


def test_the_window_has_every_predictor_of_the_set(modules, tmp_path):
    from abz.cli.layout import Layout

    window, layout = modules["window"], Layout(tmp_path)
    window.prepare_zones(layout, 24)
    rows = modules["_upscaling_fields"].training_rows(None)["gpp"]
    static, yearly = window.cube_of(layout, rows, 24, "likely")
    names = {*static.data_vars, *yearly.data_vars}
    assert names >= set(window.predictor_names("fine")[1:])
    assert yearly.sizes["time"] == 12
