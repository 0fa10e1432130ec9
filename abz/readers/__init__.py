"""Product files in, canonical arrays and tables out: one module for each family of products.

Each `read_<entry>` takes the files of one catalog entry and returns their data on the product's
own grid, in the names and units of `abz.vocabulary`, with every fill value turned into NaN. A
reader converts once and never regrids; whatever contradicts the product's declared names, types,
scales or ranges is an error.
"""

from abz.readers.abcflux import read_abcflux
from abz.readers.arctic_climatology import read_arctic_climatology
from abz.readers.axes import grid_of_centres
from abz.readers.canonical import canonical
from abz.readers.cmip6 import read_cmip6_land_fluxes
from abz.readers.cmip6_permafrost_region import read_cmip6_permafrost_region
from abz.readers.cmip_names import Run, cmip6_runs, cmip6_years
from abz.readers.cmip_soil import cmip6_soil_layers
from abz.readers.era5_land import read_era5_land
from abz.readers.flux_training import (
    read_barrow_co2_as_used,
    read_flux_training,
    read_flux_training_held_out,
)
from abz.readers.fluxcom import read_fluxcom, read_fluxcom_x_base, read_fluxcom_x_base_fine
from abz.readers.geotiff import read_codes, read_raster, read_values
from abz.readers.gfed import read_gfed500m
from abz.readers.gfed4 import read_gfed4
from abz.readers.gfed5 import read_gfed5
from abz.readers.gimms import half_months, read_gimms3g
from abz.readers.inversions import read_gcb2022_inversions
from abz.readers.land_cover import (
    CAVM_LEGEND,
    LCCS_LEGEND,
    cavm_to_vegetation,
    is_land,
    lccs_to_vegetation,
    read_cavm,
    read_esa_cci_lc,
)
from abz.readers.modis import (
    read_mcd64a1,
    read_mod11a2,
    read_mod13a1,
    read_mod13a2,
    read_mod44b,
)
from abz.readers.modis_layers import composite_calendar
from abz.readers.months import join_months, read_months
from abz.readers.noaa_brw import read_noaa_brw
from abz.readers.ornl_2377 import (
    check_ornl_2377_year,
    ornl_2377_bands,
    ornl_2377_grid,
    read_ornl_2377,
    read_ornl_2377_means,
    read_ornl_2377_trends,
)
from abz.readers.published_areas import (
    AREAS,
    read_published_budgets_8km,
    read_published_environment_8km,
    read_published_months_8km,
)
from abz.readers.published_importance import read_published_importance
from abz.readers.published_site_trends import read_published_site_trends
from abz.readers.static_maps import (
    read_merit_cti,
    read_soilgrids_ph,
    read_soilgrids_soc,
    read_uio_permafrost,
)
from abz.readers.terraclimate import read_terraclimate
from abz.readers.terraclimate_ee import read_terraclimate_ee
from abz.readers.vcf5kyr import read_vcf5kyr
from abz.readers.vectors import read_countries, read_ecoregions2017, read_permafrost_map
from abz.readers.winter_flux import read_winter_flux
from abz.readers.zone_files import ZoneFile, read_zone_polygons, read_zone_raster

__all__ = [
    "AREAS",
    "CAVM_LEGEND",
    "LCCS_LEGEND",
    "Run",
    "ZoneFile",
    "canonical",
    "cavm_to_vegetation",
    "check_ornl_2377_year",
    "cmip6_runs",
    "cmip6_soil_layers",
    "cmip6_years",
    "composite_calendar",
    "grid_of_centres",
    "half_months",
    "is_land",
    "join_months",
    "lccs_to_vegetation",
    "ornl_2377_bands",
    "ornl_2377_grid",
    "read_abcflux",
    "read_arctic_climatology",
    "read_barrow_co2_as_used",
    "read_cavm",
    "read_cmip6_land_fluxes",
    "read_cmip6_permafrost_region",
    "read_codes",
    "read_countries",
    "read_ecoregions2017",
    "read_era5_land",
    "read_esa_cci_lc",
    "read_flux_training",
    "read_flux_training_held_out",
    "read_fluxcom",
    "read_fluxcom_x_base",
    "read_fluxcom_x_base_fine",
    "read_gcb2022_inversions",
    "read_gfed4",
    "read_gfed5",
    "read_gfed500m",
    "read_gimms3g",
    "read_mcd64a1",
    "read_merit_cti",
    "read_mod11a2",
    "read_mod13a1",
    "read_mod13a2",
    "read_mod44b",
    "read_months",
    "read_noaa_brw",
    "read_ornl_2377",
    "read_ornl_2377_means",
    "read_ornl_2377_trends",
    "read_permafrost_map",
    "read_published_budgets_8km",
    "read_published_environment_8km",
    "read_published_importance",
    "read_published_months_8km",
    "read_published_site_trends",
    "read_raster",
    "read_soilgrids_ph",
    "read_soilgrids_soc",
    "read_terraclimate",
    "read_terraclimate_ee",
    "read_uio_permafrost",
    "read_values",
    "read_vcf5kyr",
    "read_winter_flux",
    "read_zone_polygons",
    "read_zone_raster",
]
