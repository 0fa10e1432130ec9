"""Grids as values: where each cell lies, how large it is, how fields move from grid to grid."""

from abz.grid.geometry import (
    ABZ_BOUNDS,
    COARSE_CELL_M,
    FINE_CELL_M,
    POLAR_CRS,
    Grid,
    lonlat_grid,
    polar_grid,
    sinusoidal_grid,
)
from abz.grid.regrid import (
    Overlap,
    area_mean,
    bilinear,
    bilinear_weights,
    class_fraction,
    conserve,
    majority,
    nearest,
    overlap,
)
from abz.grid.seams import area_outside
from abz.grid.windows import (
    SourceBlocks,
    Window,
    WindowWeights,
    values_at,
    window_areas,
    window_bilinear,
)
from abz.grid.zonal import valid_area_quanta, zonal_quanta, zonal_sums

__all__ = [
    "ABZ_BOUNDS",
    "COARSE_CELL_M",
    "FINE_CELL_M",
    "POLAR_CRS",
    "Grid",
    "Overlap",
    "SourceBlocks",
    "Window",
    "WindowWeights",
    "area_mean",
    "area_outside",
    "bilinear",
    "bilinear_weights",
    "class_fraction",
    "conserve",
    "lonlat_grid",
    "majority",
    "nearest",
    "overlap",
    "polar_grid",
    "sinusoidal_grid",
    "valid_area_quanta",
    "values_at",
    "window_areas",
    "window_bilinear",
    "zonal_quanta",
    "zonal_sums",
]
