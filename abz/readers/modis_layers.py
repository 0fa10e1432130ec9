"""How MODIS stores land surface temperature, NDVI, vegetation cover and burned area, and when.

The declarations serve both directions: `abz.readers.modis_tiles` decodes with them,
`abz.world.products.modis` encodes with them. The coarser siblings MOD11B2 (6 km) and MOD13A2 (1 km)
differ only in the names of fields and grid.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from abz.readers.labels import predictor_attrs

__all__ = [
    "MCD64A1",
    "MOD11A2",
    "MOD13A1",
    "MOD44B",
    "Layer",
    "Product",
    "composite_calendar",
    "composite_lengths",
]


@dataclass(frozen=True)
class Layer:
    """How one variable is stored.

    Parameters
    ----------
    variable : str
        Canonical name.
    field : str
        Dataset in the file; `{}` stands for the resolution.
    dtype : str
        Stored type.
    valid : tuple of int
        Smallest and largest stored value that is true.
    fill : int
        Stored value of `_FillValue`.
    missing : tuple of int
        Smallest and largest stored value that means missing.
    attrs : mapping
        Canonical `units` and `long_name`.
    scale_factor : float, optional
        The attribute of that name; without one, values are stored as they are.
    divides : bool
        Whether stored values are divided by `scale_factor` instead of multiplied.

    Examples
    --------
    >>> MOD11A2.layers[0].step, MOD13A1.layers[0].step
    (0.02, 0.0001)
    """

    variable: str
    field: str
    dtype: str
    valid: tuple[int, int]
    fill: int
    missing: tuple[int, int]
    attrs: Mapping[str, str]
    scale_factor: float | None = None
    divides: bool = False

    @property
    def step(self) -> float:
        """Change of the variable, in its unit, for a change of 1 in the file."""
        factor = 1.0 if self.scale_factor is None else self.scale_factor
        return 1.0 / factor if self.divides else factor

    @property
    def is_code(self) -> bool:
        """Whether the variable is an integer code as stored, −1 where missing."""
        return self.scale_factor is None and self.dtype in ("int8", "int16")


@dataclass(frozen=True)
class Product:
    """A MODIS product and its siblings of other resolution.

    Parameters
    ----------
    name : str
        Name of the product itself.
    resolutions : mapping of {str: str}
        Name of each sibling, and how its fields spell its resolution.
    grid : str
        Name of the HDF-EOS grid; `{}` stands for the resolution, without blanks.
    layers : tuple of Layer
        Variables to read.
    days : int, optional
        Length of a composite; none for an annual or monthly product.
    monthly : bool, optional
        Whether files are of calendar months.

    Examples
    --------
    >>> MOD13A1.field("MOD13A2", MOD13A1.layers[0])
    '1 km 16 days NDVI'
    """

    name: str
    resolutions: Mapping[str, str]
    grid: str
    layers: tuple[Layer, ...]
    days: int | None = None
    monthly: bool = False

    def field(self, name: str, layer: Layer) -> str:
        """The dataset that holds `layer` in files of the sibling `name`."""
        return layer.field.format(self.resolutions[name])

    def grid_name(self, name: str) -> str:
        """The HDF-EOS grid in files of the sibling `name`."""
        return self.grid.format(self.resolutions[name].replace(" ", ""))


MOD11A2 = Product(
    name="MOD11A2",
    resolutions={"MOD11A2": "1km", "MOD11B2": "6km"},
    grid="MODIS_Grid_8Day_{}_LST",
    days=8,
    layers=(
        Layer(
            variable="lst",
            field="LST_Day_{}",
            dtype="uint16",
            valid=(7500, 65535),
            fill=0,
            missing=(0, 0),
            attrs=predictor_attrs("lst"),
            scale_factor=0.02,
        ),
    ),
)
"""8-day land surface temperature by day, 1 km: K = 0.02 × stored."""

MOD13A1 = Product(
    name="MOD13A1",
    resolutions={"MOD13A1": "500m", "MOD13A2": "1 km"},
    grid="MODIS_Grid_16DAY_{}_VI",
    days=16,
    layers=(
        Layer(
            variable="ndvi",
            field="{} 16 days NDVI",
            dtype="int16",
            valid=(-2000, 10000),
            fill=-3000,
            missing=(-3000, -3000),
            attrs=predictor_attrs("ndvi"),
            scale_factor=10000.0,
            divides=True,
        ),
        Layer(
            variable="reliability",
            field="{} 16 days pixel reliability",
            dtype="int8",
            valid=(0, 3),
            fill=-1,
            missing=(-1, -1),
            attrs={
                "units": "1",
                "long_name": "pixel reliability: 0 good, 1 marginal, 2 snow or ice, 3 cloudy",
            },
        ),
    ),
)
"""16-day NDVI, 500 m: NDVI = stored / 10000, although the attribute is called scale_factor."""


def _cover(variable: str, field: str) -> Layer:
    """A cover of MOD44B: plain percent; 200 is water and 253 fill, nothing above 100 is a cover."""
    return Layer(
        variable, field, "uint8", (0, 100), 253, (101, 255), attrs=predictor_attrs(variable)
    )


MOD44B = Product(
    name="MOD44B",
    resolutions={"MOD44B": "250m"},
    grid="MOD44B_{}_GRID",
    layers=(
        _cover("tree_cover", "Percent_Tree_Cover"),
        _cover("nontree_cover", "Percent_NonTree_Vegetation"),
        _cover("nonvegetated_cover", "Percent_NonVegetated"),
    ),
)
"""Annual vegetation continuous fields, 250 m; a year runs from day 65 to day 64 of the next."""


MCD64A1 = Product(
    name="MCD64A1",
    resolutions={"MCD64A1": "500m"},
    grid="MOD_Grid_Monthly_{}_DB_BA",
    monthly=True,
    layers=(
        Layer(
            variable="burn_day",
            field="Burn Date",
            dtype="int16",
            valid=(0, 366),
            fill=-1,
            missing=(-2, -1),
            attrs={
                "units": "1",
                "long_name": "day of the year on which it burned, 0 not burned",
            },
        ),
    ),
)
"""Monthly burned area, 500 m: −2 is water and −1 fill."""


def composite_calendar(years: Iterable[int], length: int) -> tuple[np.ndarray, np.ndarray]:
    """All composites of some years; the last of a year ends with the year.

    Parameters
    ----------
    years : iterable of int
        Calendar years.
    length : int
        Days of a full composite: 8 (46 a year) or 16 (23 a year).

    Returns
    -------
    tuple of numpy.ndarray (time) = (starts, days)
        First days (datetime64[D]) and lengths in days (int64).

    Examples
    --------
    >>> starts, days = composite_calendar([2001], 8)
    >>> len(starts), str(starts[1]), int(days[-1])
    (46, '2001-01-09', 5)
    """
    starts = [
        np.arange(f"{year}-01-01", f"{year + 1}-01-01", length, dtype="datetime64[D]")
        for year in years
    ]
    first = np.concatenate(starts)
    return first, composite_lengths(first, length)


def composite_lengths(starts: np.ndarray, length: int) -> np.ndarray:
    """Days of composites from their first days: `length`, or what is left of the year.

    Examples
    --------
    >>> composite_lengths(np.array(["2004-12-26"], "datetime64[D]"), 8).tolist()
    [6]
    """
    next_year = (starts.astype("datetime64[Y]") + 1).astype("datetime64[D]")
    return np.minimum(length, (next_year - starts).astype(np.int64))
