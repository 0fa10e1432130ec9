"""The maps in the files of the published product: CF NetCDF and cloud-optimised GeoTIFF.

`flux_year` takes a year of a flux from the maps of a model set, per area of land or of the cell;
`write_netcdf_year`, `write_geotiff_year` and `write_geotiff_support` write it window by window.
"""

from abz.export.attributes import file_attributes
from abz.export.geotiff import (
    write_geotiff_flags,
    write_geotiff_support,
    write_geotiff_year,
)
from abz.export.layers import FluxYear, flux_year
from abz.export.names import PER, PUBLISHED_NAMES, Per, file_name, published_name
from abz.export.netcdf import write_netcdf_year

__all__ = [
    "PER",
    "PUBLISHED_NAMES",
    "FluxYear",
    "Per",
    "file_attributes",
    "file_name",
    "flux_year",
    "published_name",
    "write_geotiff_flags",
    "write_geotiff_support",
    "write_geotiff_year",
    "write_netcdf_year",
]
