"""One typed, validated TOML file describes a run; nothing else does.

`load_config` refuses a wrong key, type, range or path at once, naming the key, the rule and the
remedy. Relative paths are taken from the folder in which the command runs; `$ABZ_DATA`, where set,
replaces `data`.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from abz.config_budgets import Budgets
from abz.config_errors import config_error
from abz.config_forests import Drivers, Forest, Positive, Table, Validation
from abz.config_maps import Fire, PostFire, Trends, Upscaling, YearSpan
from abz.config_zones import OwnZones, check_unions, check_zone_names
from abz.errors import ConfigError

__all__ = [
    "Budgets",
    "Config",
    "Drivers",
    "Fire",
    "Forest",
    "ModelSet",
    "OwnZones",
    "PostFire",
    "Sites",
    "Trends",
    "Upscaling",
    "Validation",
    "World",
    "load_config",
]

Folder = Annotated[Path, Field(strict=False)]
WORLD_CELLS = {"fine": 1.0, "coarse": 2.0}
"""Edge of a set's cells in units of a synthetic world's resolution, where none is configured."""
FINEST = 0.05
"""Smallest edge in these units, so that no world is mapped like the Earth by oversight."""
SetName = Literal["fine", "coarse", "climatology"]


class ModelSet(YearSpan):
    """One model set: the size of its cells, the years it maps, whose air temperature it takes."""

    cell_m: Annotated[float, Field(ge=250.0, le=1.0e6)]
    air_temperature: Literal["era5_land", "terraclimate"] = "era5_land"


class World(Table):
    """The synthetic Arctic that stands in for the archives."""

    seed: int = 20250101
    resolution_km: Annotated[float, Field(ge=5.0, le=400.0)] = 100.0
    sites: Annotated[int, Field(ge=8, le=1000)] = 60


class Sites(Table):
    """Screening of the in-situ data."""

    drop_larval_outbreak: bool = True
    drop_named_rows: bool = True
    apply_v2_errata: bool = False
    long_record_years: Positive = 7


def _check_cells(sets: Mapping[SetName, ModelSet], world: World) -> None:
    """Nothing, if no set has far smaller cells than its world."""
    least = 1000.0 * FINEST * world.resolution_km
    for name, chosen in sets.items():
        if chosen.cell_m < least:
            raise ValueError(
                f"[sets.{name}] cell_m is {chosen.cell_m:g}, and at least {least:g} in a [world] "
                f"of {world.resolution_km:g} km: remove cell_m, and cells suit the world"
            )


class Config(Table):
    """A whole run.

    Examples
    --------
    >>> config = Config(
    ...     name="tiny", sets={"fine": {"cell_m": 4e5, "first_year": 2001, "last_year": 2020}}
    ... )
    >>> config.root.as_posix(), config.sets["fine"].years
    ('runs/tiny', range(2001, 2021))
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: str = ""
    kind: Literal["study", "climatology", "published_maps"] = "study"
    seed: Annotated[int, Field(ge=0)] = 448
    workers: Annotated[int, Field(ge=1, le=1024)] = 2
    data: Folder | None = None
    catalog: Folder = Path("catalog.yaml")
    output: Folder = Path("runs")
    sets: dict[SetName, ModelSet] = Field(default_factory=dict)
    world: World | None = None
    sites: Sites = Sites()
    forest: Forest = Forest()
    validation: Validation = Validation()
    upscaling: Upscaling = Upscaling()
    fire: Fire = Fire()
    postfire: PostFire = PostFire()
    trends: Trends = Trends()
    budgets: Budgets = Budgets()
    drivers: Drivers = Drivers()
    zones: dict[str, OwnZones] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _cells_of_the_world(cls, table: Any) -> Any:
        """Give a set without `cell_m` the cells that suit the resolution of its world."""
        world, sets = table.get("world"), table.get("sets")
        if not isinstance(world, dict) or not isinstance(sets, dict):
            return table
        resolution = world.get("resolution_km", World().resolution_km)
        if not isinstance(resolution, int | float):
            return table
        filled = {
            name: {"cell_m": 1000.0 * resolution * WORLD_CELLS[name], **chosen}
            if name in WORLD_CELLS and isinstance(chosen, dict)
            else chosen
            for name, chosen in sets.items()
        }
        return {**table, "sets": filled}

    @field_validator("zones")
    @classmethod
    def _own_names(cls, zones: dict[str, OwnZones]) -> dict[str, OwnZones]:
        check_zone_names(zones)
        return zones

    @model_validator(mode="after")
    def _whole(self) -> Config:
        if self.kind == "study" and not set(self.sets) & {"fine", "coarse"}:
            raise ValueError("a study needs at least one of [sets.fine] and [sets.coarse]")
        if (self.kind == "climatology") != ("climatology" in self.sets):
            raise ValueError('kind = "climatology" and [sets.climatology] go together')
        if self.kind == "published_maps" and set(self.sets) != {"fine"}:
            raise ValueError('kind = "published_maps" needs [sets.fine] and no other set')
        if "fine" in self.sets:
            years = self.sets["fine"].years
            if self.fire.first_year not in years or self.fire.last_year not in years:
                raise ValueError(
                    f"[fire] years must lie in those of [sets.fine], {years[0]} to {years[-1]}"
                )
            if self.corrected_year not in self.fire.years:
                raise ValueError(
                    f"[postfire] year must lie in those of [fire], {self.fire.years[0]} to "
                    f"{self.fire.years[-1]}"
                )
        if self.world is not None:
            _check_cells(self.sets, self.world)
        if self.kind == "climatology" and self.world is not None:
            raise ValueError("a climatology is of real data: remove [world]")
        check_unions(self.budgets.unions, self.zones)
        if self.forest.engine == "gradient_boosting" and "nested" in self.validation.designs:
            raise ValueError('the design "nested" needs trees that do without one another')
        return self

    @property
    def root(self) -> Path:
        """Folder that holds everything the run writes."""
        return self.output / self.name

    @property
    def corrected_year(self) -> int:
        """Year whose NEE the bias at burned sites would correct."""
        return self.fire.last_year if self.postfire.year is None else self.postfire.year

    @property
    def synthetic(self) -> bool:
        """Whether the data are made by `abz.world`."""
        return self.world is not None

    @property
    def archive(self) -> Path:
        """Folder of the product files.

        Raises
        ------
        ConfigError
            If the run needs real files and no folder is configured.
        """
        if self.synthetic:
            return self.root / "archive"
        if self.data is None:
            raise ConfigError(
                "no data folder is configured",
                rule="a run on real data has `data = FOLDER`, or ABZ_DATA is set",
                value=None,
                remedy="set ABZ_DATA to the folder that holds the product files",
            )
        return self.data


def load_config(path: Path | str) -> Config:
    """Read and check a configuration file.

    Parameters
    ----------
    path : Path or str
        A TOML file.

    Returns
    -------
    Config
        Frozen; `$ABZ_DATA`, where set and the run is not synthetic, replaces `data`.

    Raises
    ------
    ConfigError
        Naming each wrong key, its rule, its value and the remedy.

    Examples
    --------
    >>> load_config("tasks/config/none.toml")
    Traceback (most recent call last):
        ...
    abz.errors.ConfigError: the configuration is not there
      rule:   the file exists
      got:    tasks/config/none.toml
      remedy: choose one of tasks/config/*.toml, or write your own
    """
    found = Path(path)
    if not found.is_file():
        raise ConfigError(
            "the configuration is not there",
            rule="the file exists",
            value=found,
            remedy="choose one of tasks/config/*.toml, or write your own",
        )
    try:
        table = tomllib.loads(found.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{found} is not TOML", rule="TOML 1.0 in UTF-8", value=error, remedy="mend that line"
        ) from error
    return parse_config(table, str(found))


def parse_config(table: dict[str, Any], where: str = "configuration") -> Config:
    """Check a configuration that has been read already.

    Raises
    ------
    ConfigError
        Naming each wrong key, its rule, its value and the remedy.

    Examples
    --------
    >>> parse_config({"name": "x", "sets": {}, "forrest": {}})
    Traceback (most recent call last):
        ...
    abz.errors.ConfigError: configuration, key `forrest`: unknown key
      rule:   keys here: name, title, kind, seed, workers, data, catalog, output, sets, world, \
sites, forest, validation, upscaling, fire, postfire, trends, budgets, drivers, zones
      got:    {}
      remedy: did you mean `forest`?
    """
    data = os.environ.get("ABZ_DATA")
    if data and "world" not in table:
        table = {**table, "data": data}
    try:
        config = Config(**table)
    except ValidationError as error:
        raise config_error(error, Config, where) from error
    if not config.synthetic and config.data is not None and not config.data.is_dir():
        raise ConfigError(
            f"{where}, key `data`: the folder is not there",
            rule="`data` (or ABZ_DATA) names a folder that exists",
            value=config.data,
            remedy="create it, or point ABZ_DATA elsewhere",
        )
    for name, chosen in config.zones.items():
        if not chosen.file.exists():
            raise ConfigError(
                f"{where}, key `zones.{name}.file`: the file of zones is not there",
                rule="a path from the folder in which the command runs, or a whole one",
                value=chosen.file,
                remedy="correct the path, or remove the zone set",
            )
    return config
