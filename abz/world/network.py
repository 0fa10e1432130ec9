"""The flux sites of the synthetic Arctic: crowded where roads are, rare in Siberia."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from abz.world.arctic import Places, World
from abz.world.fields import stream
from abz.world.landscape import Landscapes, landscapes
from abz.world.surface import TUNDRA

__all__ = ["LARVAL_SITE", "Site", "sites"]

LARVAL_SITE = "Lund_Kobbefjord_Ch01"
"""The chambers that saw an outbreak of moth larvae; screening has to find them."""
LARVAL_PLACE = (-51.38, 64.13)
FIRST_YEAR, LAST_YEAR = 1995, 2020
SHARED_YEARS = (2001, 2016)
"""Years that the products of both eras of satellites cover."""
TOWERS, SMALLEST_SHARE = 2, 0.005
"""Towers that each vegetation type has at least, if it covers this share of the domain."""
LONG_SHARE = 0.12
"""Share of all sites with a long year-round record."""

CLUSTERS = (
    ("US", -156.6, 71.1, 8), ("US", -149.5, 69.2, 8), ("US", -147.8, 64.6, 7),
    ("US", -163.0, 61.3, 2), ("CA", -105.0, 54.0, 6), ("CA", -98.5, 56.0, 5),
    ("CA", -74.3, 50.0, 3), ("CA", -121.3, 61.3, 5), ("CA", -111.5, 66.5, 4),
    ("CA", -93.8, 61.0, 2), ("CA", -109.5, 74.9, 3), ("CA", -82.5, 51.5, 2),
    ("FI", 26.6, 67.0, 5), ("FI", 25.0, 63.5, 6), ("SE", 18.6, 68.4, 3),
    ("SE", 18.5, 64.2, 5), ("NO", 25.0, 70.3, 2), ("SJ", 15.9, 78.2, 2),
    ("GL", -20.6, 74.4, 4), ("RU", 129.5, 62.2, 3), ("RU", 161.4, 69.2, 3),
    ("RU", 147.5, 70.8, 2), ("RU", 128.9, 71.6, 2), ("RU", 89.4, 60.8, 2),
    ("RU", 62.9, 67.6, 2), ("RU", 100.5, 64.2, 1), ("RU", 50.2, 61.9, 2),
)  # fmt: skip
"""Country code, longitude, latitude of a cluster of sites, and its weight."""

COUNTRIES = {
    "US": "USA", "CA": "Canada", "FI": "Finland", "SE": "Sweden", "NO": "Norway",
    "SJ": "Norway", "GL": "Greenland", "RU": "Russia",
}  # fmt: skip
NAMES = ("Alder", "Aspen", "Birch", "Fir", "Heath", "Larch", "Pine", "Rowan", "Sedge", "Spruce")
"""Invented investigators; no site of this world is a real one."""
GOLDEN = 0.6180339887498949
NEIGHBOUR_KM, KM_PER_DEGREE = 2.0, 111.2
"""How far a site stands from its neighbour, and the length of a degree of latitude."""
FOLLOWED_FIRES = (1997, 2011)
"""Years of fires that sites were set up to follow."""
SUFFIX = {"EC": "tower1", "Chamber": "Ch01", "Diffusion": "Diff01"}


class Spot(NamedTuple):
    """Where a site stands, and the vegetation type, short of towers, that it is there for."""

    code: str
    lon: float
    lat: float
    fills: int | None = None


@dataclass(frozen=True)
class Site:
    """One site of the network.

    Parameters
    ----------
    name : str
        `<PI>_<CC-Xxx>_tower1`, `_Ch01` or `_Diff01`.
    country, biome, method : str
        Name of the country; boreal or tundra; EC, Chamber or Diffusion.
    lon, lat : float
        Degrees.
    disturbance : str or None
        None, Fire, Harvest, Thermokarst, Larval Outbreak.
    disturbance_year : int or None
        Year of the disturbance.
    first_year, last_year : int
        Years with measurements.
    year_round : bool
        Whether winters are measured.
    gpp_effect, reco_effect : float
        Factor by which the site differs from its surroundings, which no map shows.
    """

    name: str
    country: str
    biome: str
    method: str
    lon: float
    lat: float
    disturbance: str | None
    disturbance_year: int | None
    first_year: int
    last_year: int
    year_round: bool
    gpp_effect: float
    reco_effect: float


def sites(world: World) -> list[Site]:
    """The network of a world, the larval-outbreak site last."""
    spots = _spots(world)
    places = world.places(np.array([s.lon for s in spots]), np.array([s.lat for s in spots]))
    network = [_describe(world, number, spot, places) for number, spot in enumerate(spots)]
    return [*network, _larval_site()]


def _spots(world: World) -> list[Spot]:
    """One site after the other; each goes where its cluster offers a type short of towers."""
    around = landscapes(world)
    towers = {code: 0 for code, area in around.areas.items() if area > SMALLEST_SHARE}
    spots: list[Spot] = []
    for number in range(world.sites):
        rng = stream(world.seed, f"site place {number}")
        if _follows_fire(number):
            spot = _burned_spot(world, rng)
        elif _has_a_neighbour(number):
            spot = _spot_beside(world, spots[-1])
        else:
            spot = _clustered_spot(world, rng, CLUSTERS[_cluster(number)], around, towers)
        if spot.fills is not None:
            towers[spot.fills] += 1
        spots.append(spot)
    return spots


def _clustered_spot(
    world: World, rng: np.random.Generator, cluster: tuple[str, float, float, int],
    around: Landscapes, towers: Mapping[int, int],
) -> Spot:  # fmt: skip
    """A spot near a cluster: the heart of a type short of towers, else the first in the domain."""
    code, east, north, _ = cluster
    spread = np.linspace(0.15, 4.0, 400)
    lat = np.clip(north + spread * rng.normal(size=400), 49.0, 83.0)
    lon = east + spread * rng.normal(size=400) / np.cos(np.radians(lat))
    inside = np.flatnonzero(world.places(lon, lat).domain)
    types, shares = around.at(lon[inside], lat[inside])
    built = np.array([towers.get(int(kind), TOWERS) for kind in types])
    short = built < TOWERS
    best = int(np.argmin(np.where(short, built - shares, TOWERS)))
    chosen = inside[best]
    return Spot(
        code, float(lon[chosen]), float(lat[chosen]), int(types[best]) if short[best] else None
    )


def _cluster(number: int) -> int:
    """Index of the cluster of a site; clusters get their shares of the sites evenly."""
    weights = np.cumsum([weight for *_, weight in CLUSTERS])
    return int(np.searchsorted(weights, (0.5 + number * GOLDEN) % 1.0 * weights[-1], "right"))


def _follows_fire(number: int) -> bool:
    """Whether a site was set up to follow a fire."""
    return number % 15 == 7


def _has_a_neighbour(number: int) -> bool:
    """Whether a site stands within sight of the one before it, as towers of a cluster often do."""
    return number % 15 == 11


def _spot_beside(world: World, other: Spot) -> Spot:
    """A place in the domain, `NEIGHBOUR_KM` from another spot."""
    angle = np.linspace(0.0, 2 * np.pi, 16, endpoint=False)
    lat = other.lat + NEIGHBOUR_KM / KM_PER_DEGREE * np.cos(angle)
    lon = other.lon + NEIGHBOUR_KM / KM_PER_DEGREE * np.sin(angle) / np.cos(np.radians(other.lat))
    chosen = int(np.argmax(world.places(lon, lat).domain))
    return Spot(other.code, float(lon[chosen]), float(lat[chosen]))


def _burned_spot(world: World, rng: np.random.Generator) -> Spot:
    """A place in North America near the middle of a fire that a site could follow."""
    fires = world.fires
    x, y, z = fires.centres
    lon, lat = np.degrees(np.arctan2(y, x)), np.degrees(np.arcsin(z))
    first, last = FOLLOWED_FIRES
    followed = (fires.year >= first) & (fires.year <= last) & (lon < -90.0)
    inside = world.places(lon, lat).domain
    event = int(rng.choice(np.flatnonzero(followed & inside)))
    return Spot("US" if lon[event] < -141.0 else "CA", float(lon[event]), float(lat[event]))


def _describe(world: World, number: int, spot: Spot, places: Places) -> Site:
    """All else about a site that stands at a place."""
    rng = stream(world.seed, f"site {number}")
    long_record = number < round(LONG_SHARE * world.sites)
    burned = _follows_fire(number)
    tower = long_record or burned or spot.fills is not None
    method = "EC" if tower else str(rng.choice(list(SUFFIX), p=[0.4, 0.38, 0.22]))
    disturbance, disturbed_in = _disturbance(world, number, places)
    length = {"EC": int(rng.integers(2, 6)), "Chamber": int(rng.integers(2, 5)), "Diffusion": 2}
    years = int(rng.integers(9, 16)) if long_record else length[method] + 3 * burned
    earliest, latest = (FIRST_YEAR, LAST_YEAR) if spot.fills is None else SHARED_YEARS
    if burned:
        earliest = max(earliest, (disturbed_in or 0) + 1)
    first = int(rng.integers(earliest, max(earliest, latest - years) + 1))
    return Site(
        name=f"{rng.choice(NAMES)}_{spot.code}-X{number + 1:02d}_{SUFFIX[method]}",
        country=COUNTRIES[spot.code],
        biome="tundra" if places.ground.biome[number] == TUNDRA else "boreal",
        method=method,
        lon=spot.lon,
        lat=spot.lat,
        disturbance=disturbance,
        disturbance_year=disturbed_in,
        first_year=first,
        last_year=min(first + years - 1, LAST_YEAR),
        year_round=bool(long_record or burned or rng.uniform() < 0.65),
        gpp_effect=float(np.exp(rng.normal(0.0, 0.12))),
        reco_effect=float(np.exp(rng.normal(0.0, 0.10))),
    )


def _disturbance(world: World, number: int, places: Places) -> tuple[str | None, int | None]:
    """Fire where the world burned; a harvest or a thermokarst here and there."""
    known = world.fires.year <= FOLLOWED_FIRES[1]
    share = places.scars.share[[number], :].toarray()[0] * known
    event = int(np.argmax(share))
    if share[event] > 0.25:
        return "Fire", int(world.fires.year[event])
    if number % 20 == 13:
        return ("Thermokarst", None) if places.ground.biome[number] == TUNDRA else ("Harvest", 1996)
    return None, None


def _larval_site() -> Site:
    """Chambers in a valley of west Greenland."""
    lon, lat = LARVAL_PLACE
    return Site(
        LARVAL_SITE, "Greenland", "tundra", "Chamber", lon, lat, "Larval Outbreak", 2011,
        2008, 2014, False, 1.0, 1.0,
    )  # fmt: skip
