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

__all__ = [
    "ABZ_BOUNDS",
    "COARSE_CELL_M",
    "FINE_CELL_M",
    "POLAR_CRS",
    "Grid",
    "lonlat_grid",
    "polar_grid",
    "sinusoidal_grid",
]
