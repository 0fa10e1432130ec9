"""From products to predictors: monthly means, gap filling, vegetation, zones, the cube."""

from abz.harmonise.checks import check_known, check_months, check_predictor
from abz.harmonise.coast import CoastFill, coast_fill
from abz.harmonise.composites import overlap_days, to_months
from abz.harmonise.cube import CubeMaker, CubeWindow, predictor_block
from abz.harmonise.domain import domain_of
from abz.harmonise.gapfill import fill_ndvi, whittaker
from abz.harmonise.land_cover import (
    enough_samples,
    land_fraction,
    merge_vegetation,
    vegetation_majority,
)
from abz.harmonise.own_zones import ZoneMap, place_zones
from abz.harmonise.polygons import polygon_majority
from abz.harmonise.regions import region_of
from abz.harmonise.sources import Archive, Harmoniser, WindowSources, cell_size, source_years
from abz.harmonise.study_regions import study_regions
from abz.harmonise.zones import atoms, build_zones, zones_of_classes

__all__ = [
    "Archive",
    "CoastFill",
    "CubeMaker",
    "CubeWindow",
    "Harmoniser",
    "WindowSources",
    "ZoneMap",
    "atoms",
    "build_zones",
    "cell_size",
    "check_known",
    "check_months",
    "check_predictor",
    "coast_fill",
    "domain_of",
    "enough_samples",
    "fill_ndvi",
    "land_fraction",
    "merge_vegetation",
    "overlap_days",
    "place_zones",
    "polygon_majority",
    "predictor_block",
    "region_of",
    "source_years",
    "study_regions",
    "to_months",
    "vegetation_majority",
    "whittaker",
    "zones_of_classes",
]
