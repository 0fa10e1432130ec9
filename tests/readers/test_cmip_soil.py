"""Layers of the soil of a model, by its files of soil temperature."""

import netCDF4
import numpy as np
import pytest

from abz.errors import InputError, MissingDataError
from abz.readers.cmip_names import Run
from abz.readers.cmip_soil import cmip6_soil_layers
from abz.world.products.cmip6 import write_cmip6_soil

RUN = Run("M", "historical", "r1i1p1f1", "gn")


@pytest.mark.parametrize("layers", [1, 2, 20])
def test_layers_are_counted_of_the_model(tmp_path, layers):
    paths = write_cmip6_soil(tmp_path, RUN, layers)
    assert cmip6_soil_layers(paths, RUN) == layers
    assert cmip6_soil_layers(paths, RUN._replace(experiment="ssp585")) == layers
    assert cmip6_soil_layers(paths, RUN._replace(model="N")) is None


def test_a_file_without_depth_has_one_layer(tmp_path):
    path = tmp_path / "tsl_Lmon_M_historical_r1i1p1f1_gn_185001-185001.nc"
    with netCDF4.Dataset(path, "w") as file:
        for name in ("time", "lat", "lon"):
            file.createDimension(name, 2)
        file.createVariable("tsl", "f4", ("time", "lat", "lon"))[...] = np.zeros((2, 2, 2))
    assert cmip6_soil_layers([path], RUN) == 1


def test_files_that_are_refused(tmp_path):
    path = tmp_path / "tsl_Lmon_M_historical_r1i1p1f1_gn_185001-185001.nc"
    with netCDF4.Dataset(path, "w") as file:
        for name in ("tile", "depth"):
            file.createDimension(name, 2)
        file.createVariable("other", "f4", ("tile", "depth"))
    with pytest.raises(MissingDataError, match="tsl"):
        cmip6_soil_layers([path], RUN)
    with netCDF4.Dataset(path, "a") as file:
        file.renameVariable("other", "tsl")
    with pytest.raises(InputError, match="axes besides depth"):
        cmip6_soil_layers([path], RUN)
