"""What drives the modelled fluxes: permutation importance and response curves.

Both look at a fitted forest on its own training rows; neither says anything of causes.
"""

from abz.drivers.importance import permutation_importance
from abz.drivers.response import curve_values, response_curves, share_nearest

__all__ = ["curve_values", "permutation_importance", "response_curves", "share_nearest"]
