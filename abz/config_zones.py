"""Tables of a configuration about zones of one's own: a file of polygons or a raster of codes."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_serializer, field_validator, model_validator

from abz.config_forests import Table
from abz.digest import digest
from abz.vocabulary import BUILT_IN_SETS, BUILT_IN_ZONES, LEFT_OUT

__all__ = ["TAKEN", "OwnZones", "check_unions", "check_zone_names"]

TAKEN = frozenset(
    {
        *BUILT_IN_SETS, "area", "domain", "id", "land_fraction", "outside", "spatial_ref", "x", "y",
    }
)  # fmt: skip
"""Names of the zone sets that are built in, and of the maps beside them."""

NAME = re.compile(r"[a-z][a-z0-9_]*")
COMPANIONS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
"""Files that make up a shapefile."""


class OwnZones(Table):
    """One zone set of one's own.

    `column` names the zones of polygons; a raster has codes and no column. `names` gives codes
    their names, `left_out` lists codes that are no zone. Polygons of two zones that overlap are
    refused, or the later row of the file wins.
    """

    file: Annotated[Path, Field(strict=False)]
    column: Annotated[str, Field(min_length=1)] | None = None
    names: dict[str, str] = Field(default={})
    left_out: list[int] = Field(default=[])
    overlap: Literal["refuse", "later"] = "refuse"

    @field_validator("names")
    @classmethod
    def _codes(cls, names: dict[str, str]) -> dict[str, str]:
        wrong = [code for code in names if not re.fullmatch(r"-?\d+", code)]
        if wrong:
            raise ValueError(f'names are of whole numbers, {{1 = "Lena"}}, not of {wrong[0]!r}')
        if len({int(code) for code in names}) < len(names):
            raise ValueError("a code has one name")
        if any(not name.strip() or name == LEFT_OUT for name in names.values()):
            raise ValueError(f"a name is a text other than {LEFT_OUT!r}")
        return names

    @model_validator(mode="after")
    def _apart(self) -> OwnZones:
        both = sorted(set(self.left_out) & set(self.named))
        if both:
            raise ValueError(f"code {both[0]} has a name and is left out")
        if self.column is None and self.overlap == "later":
            raise ValueError("cells of a raster do not overlap: overlap goes with column")
        return self

    @field_serializer("file")
    def _without_folder(self, file: Path) -> str:
        """Records of a run hold the name of the file, and its digest, but not where it lies."""
        return file.name

    @property
    def named(self) -> dict[int, str]:
        """Code to name."""
        return {int(code): name for code, name in self.names.items()}

    @property
    def files(self) -> list[Path]:
        """The file, and those that belong to it."""
        if self.file.suffix.lower() != ".shp":
            return [self.file]
        beside = self.file.parent.glob(f"{self.file.stem}.*")
        return sorted(path for path in beside if path.suffix.lower() in COMPANIONS)

    @property
    def digests(self) -> dict[str, str]:
        """Name to SHA-256 of these files: a run is up to date as long as they are the same."""
        return {path.name: digest(path) for path in self.files}


def check_zone_names(zones: Mapping[str, OwnZones]) -> None:
    """Nothing, if each zone set has a name that is its own.

    Raises
    ------
    ValueError
        If a name is not a plain word in lower case, or is taken.

    Examples
    --------
    >>> check_zone_names({"biome": OwnZones(file="parks.gpkg", column="name")})
    Traceback (most recent call last):
        ...
    ValueError: [zones.biome]: a zone set or map of this name is built in; choose another
    """
    for name in zones:
        if not NAME.fullmatch(name):
            raise ValueError(
                f"[zones.{name}]: a zone set has a name of lower-case letters, digits and _"
            )
        if name in TAKEN or name.startswith("atom"):
            raise ValueError(
                f"[zones.{name}]: a zone set or map of this name is built in; choose another"
            )


def check_unions(unions: Mapping[str, Sequence[str]], own: Collection[str]) -> None:
    """Nothing, if unions are of zones that can be there.

    Parameters
    ----------
    unions : mapping of {str: sequence of str}
        Name of each to its parts, each spelled "zone set/zone".
    own : collection of str
        Names of the zone sets of one's own, whose zones their files name.

    Raises
    ------
    ValueError
        If a part is of a set that is not there, or no zone of a built-in set.

    Examples
    --------
    >>> check_unions({"Eurasia": ["region/Siberia", "region/Greenland"]}, [])
    Traceback (most recent call last):
        ...
    ValueError: [budgets.unions] Eurasia: region has no zone 'Greenland', but Alaska, Canada, \
Siberia, Europe
    """
    for name, parts in unions.items():
        for part in parts:
            kind, _, zone = part.partition("/")
            if kind not in {*BUILT_IN_ZONES, *own}:
                sets = ", ".join((*BUILT_IN_ZONES, *own))
                raise ValueError(
                    f"[budgets.unions] {name}: {part!r} is no zone set/zone of a set among {sets}"
                )
            known = BUILT_IN_ZONES.get(kind, (zone,))
            if zone not in (*known, LEFT_OUT):
                raise ValueError(
                    f"[budgets.unions] {name}: {kind} has no zone {zone!r}, but {', '.join(known)}"
                )
