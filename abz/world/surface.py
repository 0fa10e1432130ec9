"""The ground of the synthetic Arctic: biomes, vegetation, covers, soils, permafrost, ice, lakes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from abz.world.climate import Normals
from abz.world.fields import PlaneWaves, plane_waves, sigmoid, stream

__all__ = [
    "OTHER_BIOME",
    "Ground",
    "GroundFields",
    "cavm_codes",
    "covers",
    "lccs_codes",
    "make_ground_fields",
]

BOREAL, TUNDRA, OTHER_BIOME = 6, 11, 8
"""BIOME_NUM; temperate grassland stands for all that lies south of the study."""
TREELINE = 11.5
"""Tundra grows where the warmest day is colder, °C."""
BOREAL_MEAN, BOREAL_JULY = 2.3, 18.2
"""Boreal forest ends where the year or the warmest day is warmer, °C."""
DOMAIN_SOUTH = 49.0
PERMAFROST_LIMITS = (0.9, 0.5, 0.1, 0.01)
"""Probability above which permafrost is continuous, discontinuous, sporadic, isolated."""


@dataclass(frozen=True)
class GroundFields:
    """Random fields of the ground."""

    relief: PlaneWaves
    wetness: PlaneWaves
    soil: PlaneWaves
    acidity: PlaneWaves
    stands: PlaneWaves
    lakes: PlaneWaves


@dataclass(frozen=True)
class Ground:
    """What does not change at n points.

    Parameters
    ----------
    ice, lake : numpy.ndarray (n,) bool
        Ice sheet; lake.
    biome : numpy.ndarray (n,)
        6 boreal, 11 tundra, 8 other.
    elevation, cti, soil_ph : numpy.ndarray (n,)
        m; 1; 1.
    soc : numpy.ndarray (n,)
        Soil organic carbon, 0-2 m, kg m-2.
    permafrost_probability : numpy.ndarray (n,)
        0 to 1.
    permafrost : numpy.ndarray (n,)
        Extent class, `abz.vocabulary.PERMAFROST`.
    wetness, stands : numpy.ndarray (n,)
        Standardised fields behind soils and stands.
    warmest : numpy.ndarray (n,)
        Normal temperature of the warmest day, °C.
    """

    ice: np.ndarray
    lake: np.ndarray
    biome: np.ndarray
    elevation: np.ndarray
    cti: np.ndarray
    soil_ph: np.ndarray
    soc: np.ndarray
    permafrost_probability: np.ndarray
    permafrost: np.ndarray
    wetness: np.ndarray
    stands: np.ndarray
    warmest: np.ndarray


def make_ground_fields(seed: int) -> GroundFields:
    """The fields of a seeded world."""
    rng = stream(seed, "ground")
    lengths = (2500.0, 900.0, 1600.0, 2000.0, 900.0, 350.0)
    return GroundFields(*(plane_waves(rng, length) for length in lengths))


def ground(
    fields: GroundFields, points: np.ndarray, lon: np.ndarray, lat: np.ndarray, normal: Normals
) -> Ground:
    """The ground at unit vectors (3, n), with their longitudes, latitudes and normals (n,)."""
    wetness, soil = fields.wetness(points), fields.soil(points)
    probability = sigmoid(-(normal.mean + 4.6) / 0.9 + 0.4 * soil)
    elevation = 350.0 * np.exp(0.6 * fields.relief(points))
    cold = sigmoid(-(normal.mean + 2.0) / 3.0)
    return Ground(
        ice=_ice_sheet(lon, lat),
        lake=fields.lakes(points) > 2.0,
        biome=_biomes(normal),
        elevation=elevation,
        cti=-1.0 + 3.0 * wetness - elevation / 200.0,
        soil_ph=np.clip(5.2 + 0.45 * fields.acidity(points) + 0.5 * cold, 4.1, 7.4),
        soc=np.clip(34.0 * np.exp(0.35 * wetness + 0.25 * soil) * (0.7 + 0.7 * cold), 6.5, 250.0),
        permafrost_probability=probability,
        permafrost=_permafrost_classes(probability),
        wetness=wetness,
        stands=fields.stands(points),
        warmest=normal.july,
    )


def covers(ground: Ground, year: int, burned: np.ndarray) -> tuple[np.ndarray, ...]:
    """Tree, non-tree and non-vegetated cover of a year.

    Parameters
    ----------
    ground : Ground (n,)
        The ground.
    year : int
        Tree cover grows by a tenth of a percent point a year where forest stands.
    burned : numpy.ndarray (n,)
        Share of the ground that still bears the mark of fire, 0 to 1.

    Returns
    -------
    tuple of numpy.ndarray (n,) = (tree, nontree, nonvegetated)
        %, together 100.
    """
    forest = sigmoid((ground.warmest - TREELINE - 0.8) / 0.7)
    dry_edge = sigmoid((BOREAL_JULY + 1.0 - ground.warmest) / 0.8)
    stand = np.clip(46.0 + 13.0 * ground.stands - 6.0 * ground.wetness, 8.0, 80.0)
    tree = forest * dry_edge * (stand + 0.1 * (year - 2005)) * (1.0 - 0.7 * burned)
    bare = 3.0 + 60.0 * sigmoid(-(ground.warmest - 6.0) / 1.3) + 20.0 * burned
    bare = np.where(ground.ice, 100.0, np.minimum(bare, 100.0))
    tree = np.minimum(np.where(ground.ice, 0.0, tree), 100.0 - bare)
    return tree, 100.0 - tree - bare, bare


def lccs_codes(ground: Ground, land: np.ndarray, lon: np.ndarray) -> np.ndarray:
    """ESA CCI land-cover codes (n,), int16: 210 water, 220 ice, 150 tundra, 130 steppe."""
    larch = sigmoid((lon - 105.0) / 6.0) * sigmoid((175.0 - lon) / 6.0)
    tree = covers(ground, 2005, np.zeros_like(ground.soc))[0]
    boreal = np.select(
        [ground.wetness > 1.5, tree < 16.0, larch > 0.5, ground.stands > 1.1, ground.stands < -1.2],
        [160, 120, 80, 60, 30],
        np.where(np.abs(ground.stands) < 0.25, 90, 70),
    )
    classes = np.select(
        [ground.biome == BOREAL, ground.biome == TUNDRA], [boreal, 150], default=130
    )
    wet = ~land | ground.lake
    return np.where(wet, 210, np.where(ground.ice, 220, classes)).astype(np.int16)


def cavm_codes(ground: Ground, land: np.ndarray) -> np.ndarray:
    """Codes of the circumpolar Arctic vegetation map (n,), int16; 99 outside the tundra."""
    tundra = np.select(
        [
            ground.warmest < 3.5,
            ground.wetness > 1.3,
            ground.warmest < 6.5,
            ground.stands > 0.4,
            ground.stands < -0.7,
        ],
        [1, 42, 31, 33, 34],
        default=21,
    )
    tundra = np.where((tundra == 31) & (ground.stands > 0.5), 32, tundra)
    tundra = np.where((tundra == 21) & (ground.wetness > 0.4), 22, tundra)
    classes = np.where(ground.biome == TUNDRA, tundra, 99)
    classes = np.where(ground.ice, 93, np.where(ground.lake, 91, classes))
    return np.where(land, classes, 92).astype(np.int16)


def _ice_sheet(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """The inland ice of Greenland, an ellipse around 72° N, 41° W."""
    across = (lon + 41.0) * np.cos(np.radians(lat)) * 111.2 / 480.0
    along = (lat - 72.3) / 10.0
    return (lon > -75.0) & (lon < -10.0) & (across**2 + along**2 < 1.0)


def _biomes(normal: Normals) -> np.ndarray:
    """BIOME_NUM (n,), int16, by temperature."""
    forest = (normal.july < BOREAL_JULY) & (normal.mean < BOREAL_MEAN)
    classes = np.where(normal.july < TREELINE, TUNDRA, np.where(forest, BOREAL, OTHER_BIOME))
    return classes.astype(np.int16)


def _permafrost_classes(probability: np.ndarray) -> np.ndarray:
    """Extent classes (n,), int16: 0 none, 1 continuous to 4 isolated."""
    reached = sum((probability > limit).astype(np.int16) for limit in PERMAFROST_LIMITS)
    return np.where(reached == 0, 0, 5 - np.asarray(reached)).astype(np.int16)
