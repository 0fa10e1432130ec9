"""Fire: emission and burned fraction on the grid of a model set, and NEE + fire."""

from abz.fire.burned import burned_once
from abz.fire.emissions import fire_on_grid
from abz.fire.net import nee_plus_fire

__all__ = ["burned_once", "fire_on_grid", "nee_plus_fire"]
