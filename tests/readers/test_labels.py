import numpy as np

from abz.grid import Grid, lonlat_grid
from abz.readers.labels import composites, label, predictor_attrs


def test_label_carries_grid_units_and_steps():
    grid = lonlat_grid(5)
    starts = np.array(["2001-01-01", "2001-01-09"], "datetime64[D]")
    data = label(
        {"lst": np.zeros((2, *grid.shape), np.float32)},
        {"lst": predictor_attrs("lst")},
        composites(starts, np.array([8, 8])),
        grid,
        "MOD11A2",
    )
    assert Grid.of(data) == grid
    assert data["lst"].dims == ("time", "y", "x")
    assert data["lst"].attrs["units"] == "K"
    assert data["time"].dtype == "datetime64[ns]"
    assert data["days"].values.tolist() == [8, 8]
    assert data.attrs["source"] == "MOD11A2"
