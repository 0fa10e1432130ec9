"""The flux sites of the synthetic Arctic: crowded where roads are, rare in Siberia."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from abz.world.arctic import Places, World
from abz.world.fields import stream
from abz.world.surface import TUNDRA

__all__ = ["LARVAL_SITE", "Site", "sites"]

LARVAL_SITE = "Lund_Kobbefjord_Ch01"
"""The chambers that saw an outbreak of moth larvae; screening has to find them."""
LARVAL_PLACE = (-51.38, 64.13)
FIRST_YEAR, LAST_YEAR = 1995, 2020
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
    ("RU", 62.9, 67.6, 2), ("RU", 100.5, 64.2, 1),
)  # fmt: skip
"""Country code, longitude, latitude of a cluster of sites, and its weight."""

COUNTRIES = {
    "US": "USA", "CA": "Canada", "FI": "Finland", "SE": "Sweden", "NO": "Norway",
    "SJ": "Norway", "GL": "Greenland", "RU": "Russia",
}  # fmt: skip
NAMES = ("Alder", "Aspen", "Birch", "Fir", "Heath", "Larch", "Pine", "Rowan", "Sedge", "Spruce")
"""Invented investigators; no site of this world is a real one."""
GOLDEN = 0.6180339887498949
FOLLOWED_FIRES = (1997, 2011)
"""Years of fires that sites were set up to follow."""
SUFFIX = {"EC": "tower1", "Chamber": "Ch01", "Diffusion": "Diff01"}


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
    placed = [_place(world, number) for number in range(world.sites)]
    lon, lat = np.array([(east, north) for _, east, north in placed]).T
    places = world.places(lon, lat)
    network = [
        _describe(world, number, country, places) for number, (country, _, _) in enumerate(placed)
    ]
    return [*network, _larval_site()]


def _place(world: World, number: int) -> tuple[str, float, float]:
    """Country code, longitude and latitude of a site inside the domain, near a cluster."""
    rng = stream(world.seed, f"site place {number}")
    if number % 15 == 7:
        return _burned_place(world, rng)
    code, east, north, _ = CLUSTERS[_cluster(number)]
    spread = np.linspace(0.15, 4.0, 400)
    lat = np.clip(north + spread * rng.normal(size=400), 49.0, 83.0)
    lon = east + spread * rng.normal(size=400) / np.cos(np.radians(lat))
    first = np.flatnonzero(world.places(lon, lat).domain)[0]
    return code, float(lon[first]), float(lat[first])


def _cluster(number: int) -> int:
    """Index of the cluster of a site; clusters get their shares of the sites evenly."""
    weights = np.cumsum([weight for *_, weight in CLUSTERS])
    return int(np.searchsorted(weights, (0.5 + number * GOLDEN) % 1.0 * weights[-1], "right"))


def _burned_place(world: World, rng: np.random.Generator) -> tuple[str, float, float]:
    """A place in North America near the middle of a fire that a site could follow."""
    fires = world.fires
    x, y, z = fires.centres
    lon, lat = np.degrees(np.arctan2(y, x)), np.degrees(np.arcsin(z))
    first, last = FOLLOWED_FIRES
    followed = (fires.year >= first) & (fires.year <= last) & (lon < -90.0)
    inside = world.places(lon, lat).domain
    event = int(rng.choice(np.flatnonzero(followed & inside)))
    return ("US" if lon[event] < -141.0 else "CA"), float(lon[event]), float(lat[event])


def _describe(world: World, number: int, code: str, places: Places) -> Site:
    """All else about a site that stands at a place."""
    rng = stream(world.seed, f"site {number}")
    long_record = number < round(LONG_SHARE * world.sites)
    burned = number % 15 == 7
    method = "EC" if long_record or burned else str(
        rng.choice(list(SUFFIX), p=[0.48, 0.33, 0.19])
    )  # fmt: skip
    disturbance, disturbed_in = _disturbance(world, number, places)
    length = {"EC": int(rng.integers(1, 6)), "Chamber": int(rng.integers(2, 5)), "Diffusion": 2}
    years = int(rng.integers(9, 16)) if long_record else length[method] + 3 * burned
    earliest = max(FIRST_YEAR, (disturbed_in or 0) + 1) if burned else FIRST_YEAR
    first = int(rng.integers(earliest, max(earliest, LAST_YEAR - years) + 1))
    return Site(
        name=f"{rng.choice(NAMES)}_{code}-X{number + 1:02d}_{SUFFIX[method]}",
        country=COUNTRIES[code],
        biome="tundra" if places.ground.biome[number] == TUNDRA else "boreal",
        method=method,
        lon=float(places.lon[number]),
        lat=float(places.lat[number]),
        disturbance=disturbance,
        disturbance_year=disturbed_in,
        first_year=first,
        last_year=min(first + years - 1, LAST_YEAR),
        year_round=bool(long_record or burned or rng.uniform() < 0.6),
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
