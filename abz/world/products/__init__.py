"""The inverse of `abz.readers`: canonical data on a native grid, written as the product's files.

Each `write_<entry>` splits its data into files as the product does, with the product's names,
dimensions, scale factors and fill values, and returns the paths. Reading them back gives the data
within the precision of the format; the same data give the same bytes.
"""

from abz.world.products.abcflux import write_abcflux
from abz.world.products.cmip6 import write_cmip6_land_fluxes, write_cmip6_soil
from abz.world.products.cmip6_permafrost_region import write_cmip6_permafrost_region
from abz.world.products.era5_land import write_era5_land
from abz.world.products.fluxcom import write_fluxcom, write_fluxcom_x_base
from abz.world.products.geotiff import write_raster
from abz.world.products.gfed import write_gfed500m
from abz.world.products.gfed4 import write_gfed4
from abz.world.products.gfed5 import write_gfed5
from abz.world.products.gimms import write_gimms3g
from abz.world.products.inversions import write_gcb2022_inversions
from abz.world.products.land_cover import write_cavm, write_esa_cci_lc
from abz.world.products.modis import (
    write_mcd64a1,
    write_mod11a2,
    write_mod13a1,
    write_mod13a2,
    write_mod44b,
)
from abz.world.products.modis_areas import AreaLayout, write_modis_area
from abz.world.products.netcdf import Packing, Variable, write_netcdf
from abz.world.products.noaa_brw import write_noaa_brw
from abz.world.products.ornl_2377 import (
    write_ornl_2377,
    write_ornl_2377_means,
    write_ornl_2377_trends,
)
from abz.world.products.published_areas import (
    write_published_budgets_8km,
    write_published_environment_8km,
    write_published_months_8km,
)
from abz.world.products.published_importance import write_published_importance
from abz.world.products.published_site_trends import write_published_site_trends
from abz.world.products.static_maps import (
    write_merit_cti,
    write_soilgrids_ph,
    write_soilgrids_soc,
    write_uio_permafrost,
)
from abz.world.products.terraclimate import write_terraclimate
from abz.world.products.terraclimate_ee import write_terraclimate_ee
from abz.world.products.vcf5kyr import write_vcf5kyr
from abz.world.products.vectors import write_ecoregions2017, write_permafrost_map
from abz.world.products.winter_flux import write_winter_flux

__all__ = [
    "AreaLayout",
    "Packing",
    "Variable",
    "write_abcflux",
    "write_cavm",
    "write_cmip6_land_fluxes",
    "write_cmip6_permafrost_region",
    "write_cmip6_soil",
    "write_ecoregions2017",
    "write_era5_land",
    "write_esa_cci_lc",
    "write_fluxcom",
    "write_fluxcom_x_base",
    "write_gcb2022_inversions",
    "write_gfed4",
    "write_gfed5",
    "write_gfed500m",
    "write_gimms3g",
    "write_mcd64a1",
    "write_merit_cti",
    "write_mod11a2",
    "write_mod13a1",
    "write_mod13a2",
    "write_mod44b",
    "write_modis_area",
    "write_netcdf",
    "write_noaa_brw",
    "write_ornl_2377",
    "write_ornl_2377_means",
    "write_ornl_2377_trends",
    "write_permafrost_map",
    "write_published_budgets_8km",
    "write_published_environment_8km",
    "write_published_importance",
    "write_published_months_8km",
    "write_published_site_trends",
    "write_raster",
    "write_soilgrids_ph",
    "write_soilgrids_soc",
    "write_terraclimate",
    "write_terraclimate_ee",
    "write_uio_permafrost",
    "write_vcf5kyr",
    "write_winter_flux",
]
