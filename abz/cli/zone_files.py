"""Zones of one's own that a run's configuration names: read, noted as inputs, put on a grid."""

from __future__ import annotations

from collections.abc import Mapping

from abz.cli.inputs import note_input
from abz.config import Config
from abz.grid import Grid
from abz.harmonise import ZoneMap, place_zones
from abz.readers import ZoneFile, read_zone_polygons, read_zone_raster

__all__ = ["own_zones", "read_zone_file"]


def read_zone_file(config: Config, name: str) -> ZoneFile:
    """A zone set of the configuration as its file has it."""
    chosen = config.zones[name]
    if chosen.column is None:
        return read_zone_raster(chosen.file, chosen.named, chosen.left_out)
    return read_zone_polygons(chosen.file, chosen.column, chosen.named, chosen.left_out)


def own_zones(config: Config, grid: Grid) -> Mapping[str, ZoneMap]:
    """All zone sets of the configuration on a grid, by name; their files are noted as inputs."""
    made = {}
    for name, chosen in config.zones.items():
        made[name] = place_zones(read_zone_file(config, name), grid, name, chosen.overlap)
        identity = {"product": f"zone set {name} of the configuration", "version": "", "doi": None}
        note_input(f"zones.{name}", identity, chosen.digests)
    return made
