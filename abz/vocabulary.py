"""The words of the study, declared once: fluxes, predictors, model sets, classes of the maps.

Tables and rasters share these codes and names. A model set (`MODEL_SETS`) is data: its resolution
and years come from the configuration, its products from here; no code branches on its name.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from abz.units import MONTHLY_FLUX

__all__ = [
    "BIOMES",
    "BUILT_IN_SETS",
    "BUILT_IN_ZONES",
    "CONTINENTS",
    "FLUXES",
    "FLUX_UNITS",
    "LEFT_OUT",
    "MODEL_SETS",
    "MONTHS",
    "NOT_IN_TRAINING",
    "PERMAFROST",
    "PERMAFROST_REGION",
    "PREDICTORS",
    "REGIONS",
    "SEASONS",
    "UNION",
    "VEGETATION",
    "VEGETATION_KIN",
    "VEGETATION_MERGES",
    "WINTERS",
    "ZONE_SETS",
    "Predictor",
    "Source",
    "predictor_names",
]

FLUXES = MappingProxyType(
    {
        "nee": "net ecosystem exchange, below zero where the land takes up CO2",
        "gpp": "gross primary production, positive",
        "reco": "ecosystem respiration, positive",
    }
)
"""The modelled fluxes; all in g C m-2 month-1."""

FLUX_UNITS = MONTHLY_FLUX

Cadence = Literal["category", "calendar", "series", "monthly", "annual", "static"]


@dataclass(frozen=True)
class Predictor:
    """One predictor of the forests.

    Parameters
    ----------
    long_name : str
        What it is.
    units : str
        Its canonical unit, shared by the training table and the cube.
    cadence : str
        `monthly` (time, y, x), `annual` (year, y, x), `static` (y, x), `series` (time),
        `category` (y, x, declared codes) or `calendar` (the month itself).
    valid : tuple of float
        Smallest and largest value that can be true; a value outside is an error of the input.

    Examples
    --------
    >>> PREDICTORS["lst"].units
    'K'
    """

    long_name: str
    units: str
    cadence: Cadence
    valid: tuple[float, float]

    @property
    def is_category(self) -> bool:
        """Whether its values are unordered codes."""
        return self.cadence in ("category", "calendar")


PREDICTORS = MappingProxyType(
    {
        "month": Predictor("calendar month", "1", "calendar", (1, 12)),
        "srad": Predictor("downward shortwave radiation", "W m-2", "monthly", (0, 500)),
        "vpd": Predictor("vapour pressure deficit", "kPa", "monthly", (0, 10)),
        "co2": Predictor("atmospheric CO2 at Utqiagvik", "ppm", "series", (300, 600)),
        "vegetation": Predictor("vegetation type", "1", "category", (1, 160)),
        "snow_cover": Predictor("snow cover", "%", "monthly", (0, 100)),
        "soil_temperature": Predictor("soil temperature, 0-7 cm", "K", "monthly", (190, 330)),
        "soil_moisture": Predictor("volumetric soil water, 0-7 cm", "m3 m-3", "monthly", (0, 1)),
        "ndvi": Predictor("NDVI", "1", "monthly", (-1, 1)),
        "lst": Predictor("land surface temperature by day", "K", "monthly", (180, 350)),
        "air_temperature": Predictor("air temperature at 2 m", "K", "monthly", (180, 330)),
        "cti": Predictor("compound topographic index", "1", "static", (-100, 100)),
        "nontree_cover": Predictor("non-tree vegetation cover", "%", "annual", (0, 100)),
        "nonvegetated_cover": Predictor("non-vegetated cover", "%", "annual", (0, 100)),
        "tree_cover": Predictor("tree cover", "%", "annual", (0, 100)),
        "soil_ph": Predictor("soil pH, 0-5 cm", "1", "static", (2, 11)),
        "soc": Predictor("soil organic carbon stock, 0-2 m", "kg m-2", "static", (0, 1000)),
        "permafrost_probability": Predictor("permafrost probability", "1", "static", (0, 1)),
    }
)
"""All predictors of the study: the fine set uses `lst`, the coarse set `air_temperature`."""


@dataclass(frozen=True)
class Source:
    """Where a model set takes a predictor from.

    Parameters
    ----------
    dataset : str
        Entry of the catalog.
    variable : str
        Canonical variable that the dataset's reader returns.

    Examples
    --------
    >>> MODEL_SETS["fine"]["ndvi"].dataset
    'mod13a1'
    """

    dataset: str
    variable: str


def _sources(ndvi: str, temperature: tuple[str, str], cover: str) -> dict[str, Source]:
    """The 16 mapped predictors of a set, in the study's order; only three differ between sets."""
    return {
        "srad": Source("terraclimate", "srad"),
        "vpd": Source("terraclimate", "vpd"),
        "co2": Source("noaa_brw", "co2"),
        "vegetation": Source("vegetation", "vegetation"),
        "snow_cover": Source("era5_land", "snow_cover"),
        "soil_temperature": Source("era5_land", "soil_temperature"),
        "soil_moisture": Source("era5_land", "soil_moisture"),
        "ndvi": Source(ndvi, "ndvi"),
        temperature[1]: Source(*temperature),
        "cti": Source("merit_cti", "cti"),
        "nontree_cover": Source(cover, "nontree_cover"),
        "nonvegetated_cover": Source(cover, "nonvegetated_cover"),
        "tree_cover": Source(cover, "tree_cover"),
        "soil_ph": Source("soilgrids_ph", "soil_ph"),
        "soc": Source("soilgrids_soc", "soc"),
        "permafrost_probability": Source("uio_permafrost", "permafrost_probability"),
    }


MODEL_SETS = MappingProxyType(
    {
        "fine": _sources("mod13a1", ("mod11a2", "lst"), "mod44b"),
        "coarse": _sources("gimms3g", ("era5_land", "air_temperature"), "vcf5kyr"),
        "climatology": {
            "co2": Source("barrow_co2_as_used", "co2"),
            **{
                name: Source("arctic_climatology", name)
                for name in (
                    "srad",
                    "vpd",
                    "snow_cover",
                    "soil_temperature",
                    "soil_moisture",
                    "ndvi",
                    "nontree_cover",
                    "nonvegetated_cover",
                    "tree_cover",
                )
            },
        },
    }
)
"""Set name to {predictor: source}.

`fine` is the MODIS era, `coarse` the AVHRR era; `climatology` holds what the real 1-degree
climatology and the public training rows have in common.
"""

NOT_IN_TRAINING = MappingProxyType({("climatology", "nee"): ("nontree_cover", "tree_cover")})
"""Predictors of a set that the training rows of a flux do not hold."""


def predictor_names(model_set: str, flux: str | None = None) -> tuple[str, ...]:
    """Predictors of a model set, in the study's order; 17 in the study's own sets.

    Parameters
    ----------
    model_set : str
        A key of `MODEL_SETS`.
    flux : str, optional
        Only those that the training rows of this flux hold.

    Examples
    --------
    >>> predictor_names("fine")[:3], len(predictor_names("coarse"))
    (('month', 'srad', 'vpd'), 17)
    >>> len(predictor_names("climatology", "gpp")), len(predictor_names("climatology", "nee"))
    (11, 9)
    """
    absent = NOT_IN_TRAINING.get((model_set, flux or ""), ())
    return ("month", *(name for name in MODEL_SETS[model_set] if name not in absent))


MONTHS = tuple(range(1, 13))

SEASONS = MappingProxyType(
    {
        "DJF": (12, 1, 2),
        "MAM": (3, 4, 5),
        "JJA": (6, 7, 8),
        "SON": (9, 10, 11),
        "non-summer": (1, 2, 3, 4, 5, 9, 10, 11, 12),
        "May-Sep": (5, 6, 7, 8, 9),
        "Oct-Apr": (10, 11, 12, 1, 2, 3, 4),
    }
)
"""Months of each season, all within one calendar year, so that JJA + non-summer, May-Sep + Oct-Apr
and the four quarters each make up the year."""

WINTERS = MappingProxyType(
    {
        "DJF, one winter": (0, 1, 2),
        "Oct-Apr, one winter": (-2, -1, 0, 1, 2, 3, 4),
    }
)
"""Months of seasons that begin in the year before the one they are named by, counted from its
January: 0 is the December before, −2 the October before. A record has none in its first year."""

BIOMES = MappingProxyType({6: "boreal", 11: "tundra"})
"""BIOME_NUM of Dinerstein et al. (2017)."""

PERMAFROST = MappingProxyType(
    {0: "none", 1: "continuous", 2: "discontinuous", 3: "sporadic", 4: "isolated"}
)
"""Extent classes of the circum-Arctic permafrost map (Brown et al., v2)."""

PERMAFROST_REGION = (1, 2, 3, 4)
"""Extent classes that make up the permafrost region."""

REGIONS = MappingProxyType({1: "Alaska", 2: "Canada", 3: "Siberia", 4: "Europe"})
"""Regions of the study; Europe holds Greenland, Siberia all land east of the Urals."""

CONTINENTS = MappingProxyType({"North America": (1, 2), "Eurasia": (3, 4)})

VEGETATION = MappingProxyType(
    {
        21: "graminoid tundra",
        30: "boreal mosaic and mixed forest",
        31: "barren and prostrate-shrub tundra",
        33: "erect-shrub tundra",
        60: "broadleaf deciduous forest",
        70: "needleleaf evergreen forest",
        80: "needleleaf deciduous forest",
        120: "sparse boreal vegetation",
        160: "wetland",
    }
)
"""Vegetation types of the models, ESA CCI land cover merged with the CAVM raster."""

VEGETATION_MERGES = MappingProxyType({1: 31, 90: 30, 41: 160})
"""Codes that the study merges before modelling, in table and raster alike."""

VEGETATION_KIN = MappingProxyType(
    {
        21: (31, 33, 160),
        30: (60, 70, 120, 80),
        31: (21, 33, 160),
        33: (31, 21, 160),
        60: (30, 70, 80),
        70: (80, 30, 60),
        80: (70, 30, 60),
        120: (30, 60, 70),
        160: (21, 30, 31),
    }
)
"""Types that stand in for a type that no tower stands in, nearest first: tundra for tundra, forest
for forest; wetland by the open types beside it."""

ZONE_SETS = MappingProxyType(
    {
        "biome": BIOMES,
        "permafrost": PERMAFROST,
        "region": REGIONS,
        "vegetation": VEGETATION,
    }
)
"""Zone sets with a map; each cell of the domain has one class of each."""

BUILT_IN_ZONES = MappingProxyType(
    {
        "abz": ("ABZ",),
        **{name: tuple(codes.values()) for name, codes in ZONE_SETS.items()},
        "permafrost_region": ("permafrost",),
        "continent": tuple(CONTINENTS),
        "region_biome": tuple(
            f"{region} {biome}" for region in REGIONS.values() for biome in BIOMES.values()
        ),
    }
)
"""Zones of the budgets by set, those made of others included."""

UNION = "union"
"""Zone set of the unions of a configuration: alone in that its zones may overlap."""

BUILT_IN_SETS = (*BUILT_IN_ZONES, UNION)
"""Zone sets of the budgets; all further ones are a run's own."""

LEFT_OUT = "left out"
"""Land of the domain that is in no zone of a set: it stands beside the zones, so that they and it
add up to the whole."""
