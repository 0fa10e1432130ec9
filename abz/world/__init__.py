"""The synthetic Arctic: a seeded world with known truth, written in the products' real formats.

Everything in it is a function of place and time, so every product sees the same world on its own
grid, and the truth is known at every point.
"""

from __future__ import annotations

from abz.world.archive import Footprints, dataset_years, write_archive, write_zone_maps
from abz.world.arctic import Places, World, middle_of_month
from abz.world.burning import Fires, Scars
from abz.world.carbon import PARAMETERS, CarbonParameters, Fluxes
from abz.world.climate import Climate, Normals, Weather, barrow_co2, daylight
from abz.world.comparisons import write_comparisons, write_published, write_winter
from abz.world.fields import PlaneWaves, plane_waves, unit_vectors
from abz.world.footprint import Footprint, footprint, subpoints
from abz.world.land import is_land
from abz.world.landscape import Landscapes, landscapes
from abz.world.network import LARVAL_SITE, Site, sites
from abz.world.observations import observe
from abz.world.surface import Ground
from abz.world.truth import true_fluxes, true_parameters

__all__ = [
    "LARVAL_SITE",
    "PARAMETERS",
    "CarbonParameters",
    "Climate",
    "Fires",
    "Fluxes",
    "Footprint",
    "Footprints",
    "Ground",
    "Landscapes",
    "Normals",
    "Places",
    "PlaneWaves",
    "Scars",
    "Site",
    "Weather",
    "World",
    "barrow_co2",
    "dataset_years",
    "daylight",
    "footprint",
    "is_land",
    "landscapes",
    "middle_of_month",
    "observe",
    "plane_waves",
    "sites",
    "subpoints",
    "true_fluxes",
    "true_parameters",
    "unit_vectors",
    "write_archive",
    "write_comparisons",
    "write_published",
    "write_winter",
    "write_zone_maps",
]
