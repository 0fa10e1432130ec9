"""Forests of the real tables, or of made-up ones, and synthetic predictors of a window to ask them.

A predictor of the window is a random field with the spectrum of a landscape, as fine as the product
that it stands for: reanalysis is smooth between its 5 to 9 km, greenness and cover differ from cell
to cell. Ranks of the field take the values that the predictor has in the training rows of the same
month, so that the window meets the thresholds of the trees as a real one does.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from _ranger_rows import Rows, study_rows
from scipy.fft import irfft2, rfftfreq
from scipy.ndimage import zoom
from scipy.special import ndtr

from abz.modelling import FluxForest, derive_seed, fit_forest
from abz.vocabulary import PREDICTORS, VEGETATION, predictor_names

MTRY = {"nee": 9, "gpp": 2, "reco": 2}
"""What tuning on the real tables chooses from 2, 9 and 17."""
MONTHS = 12
NATIVE_KM = {"srad": 5, "vpd": 5, "snow_cover": 9, "soil_temperature": 9, "soil_moisture": 9}
"""Cells of the products that are coarser than 1 km."""
SPECTRUM = 3.0
"""Spectral density falls with this power of the wavenumber, as that of terrain does."""
MONTHLY_SHARE = 0.2
"""Share of a monthly predictor's variance that each month has for itself."""
NUGGET = {"smooth": 0.0, "likely": 0.05, "rough": 0.5}
"""Share of the variance of a 1-km product that neighbours do not have in common."""
SITES, SITE_MONTHS = 200, 4900
"""Size of a made-up table, about that of the real ones."""
LEVELS = 201
"""Quantiles that keep a predictor's values."""


@dataclass(frozen=True, eq=False)
class Values:
    """Quantiles (month, level) of a predictor's values in the training rows."""

    quantiles: np.ndarray
    category: bool

    def take(self, field: np.ndarray, month: int) -> np.ndarray:
        """The values at the ranks of a standard normal field (y, x), float32."""
        levels = self.quantiles[month]
        if self.category:
            return levels[(ndtr(field) * (levels.size - 1)).astype(int)].astype(np.float32)
        place = np.linspace(0, 1, levels.size)
        return np.interp(ndtr(field), place, levels).astype(np.float32)


def training_rows(folder: Path | None) -> dict[str, Rows]:
    """Training rows of each flux with the study's predictors, as far as the real tables hold them.

    Made-up rows of all predictors where no folder is named.
    """
    return {flux: study_rows(folder, flux) if folder else made_up_rows(flux) for flux in MTRY}


def made_up_rows(flux: str) -> Rows:
    """As many site-months as there are real ones, of sites that differ, with a known response."""
    rng = np.random.default_rng(derive_seed(448, "made up", flux))
    names = list(predictor_names("fine"))
    site = rng.integers(SITES, size=SITE_MONTHS)
    month = rng.integers(1, MONTHS + 1, SITE_MONTHS)
    season = np.cos(2 * np.pi * (month - 7) / MONTHS)
    X = rng.normal(size=(SITES, len(names)))[site] + rng.normal(0, 0.3, (SITE_MONTHS, len(names)))
    for place, name in enumerate(names):
        if PREDICTORS[name].cadence == "monthly":
            X[:, place] += 1.5 * season
    X[:, names.index("month")] = month
    X[:, names.index("vegetation")] = rng.choice(sorted(VEGETATION), SITES)[site]
    growth = np.maximum(X[:, names.index("lst")], 0) * np.exp(X[:, names.index("ndvi")] / 2)
    y = 20 * growth + rng.normal(0, 8, SITES)[site] + rng.normal(0, 8, SITE_MONTHS)
    sites = site.astype(str)
    return Rows(X.astype(np.float32), y, names, sites, sites, classes=("month", "vegetation"))


def forest_of(rows: Rows, flux: str, *, trees: int, member: int = 0) -> FluxForest:
    """The central forest of a flux, or one on rows drawn with replacement."""
    X, y = rows.X, rows.y
    if member:
        drawn = np.random.default_rng(derive_seed(448, flux, member)).integers(len(y), size=len(y))
        X, y = X[drawn], y[drawn]
    return fit_forest(
        X, y, rows.names, trees=trees, mtry=MTRY[flux], unseen="missing",
        categories=rows.classes, seed=derive_seed(448, flux, member, "trees"),
    )  # fmt: skip


def values_of(rows: Rows) -> dict[str, Values]:
    """What the predictors of the fine set are in each month; standard normal where not known."""
    month = rows.X[:, rows.names.index("month")].astype(int)
    found = {}
    for name in predictor_names("fine")[1:]:
        if name in rows.names:
            column = rows.X[:, rows.names.index(name)]
        else:
            column = np.random.default_rng(derive_seed(448, name)).normal(size=len(month))
        seasonal = PREDICTORS[name].cadence == "monthly"
        parts = [column[month == m + 1] if seasonal else column for m in range(MONTHS)]
        how = "inverted_cdf" if PREDICTORS[name].is_category else "linear"
        places = np.linspace(0, 1, LEVELS)
        quantiles = np.array([np.quantile(part, places, method=how) for part in parts])
        found[name] = Values(quantiles, PREDICTORS[name].is_category)
    return found


def landscape(edge: int, native: int, nugget: float, rng: np.random.Generator) -> np.ndarray:
    """A standard normal field (edge, edge): waves of all lengths, and noise between neighbours."""
    size = -(-edge // native) + 1
    # the box of the waves is twice the window's, so that opposite edges differ
    box = 2 * size
    wave = np.hypot(np.fft.fftfreq(box)[:, None], rfftfreq(box)[None])
    wave[0, 0] = np.inf
    height = wave ** (-SPECTRUM / 2)
    noise = rng.normal(size=(2, *wave.shape))
    field = irfft2(height * (noise[0] + 1j * noise[1]), s=(box, box))[:size, :size]
    if native > 1:
        field = zoom(field, native, order=1, grid_mode=True, mode="nearest")
    field = field[:edge, :edge]
    field = (field - field.mean()) / field.std()
    if native == 1 and nugget:
        field = np.sqrt(1 - nugget) * field + np.sqrt(nugget) * rng.normal(size=field.shape)
    return field


def window_months(name: str, values: Values, edge: int, roughness: str, seed: int) -> np.ndarray:
    """A predictor of the window, float32: (12, edge, edge) if monthly, else (edge, edge)."""
    rng = np.random.default_rng(derive_seed(seed, "window", name))
    native, nugget = NATIVE_KM.get(name, 1), NUGGET[roughness]
    if values.category:
        nugget /= 2
    lasting = landscape(edge, native, nugget, rng)
    if PREDICTORS[name].cadence != "monthly":
        return values.take(lasting, 0)
    maps = np.empty((MONTHS, edge, edge), np.float32)
    for month in range(MONTHS):
        own = landscape(edge, native, nugget, rng)
        mixed = np.sqrt(1 - MONTHLY_SHARE) * lasting + np.sqrt(MONTHLY_SHARE) * own
        maps[month] = values.take(mixed, month)
    return maps


def window_block(rows: Rows, edge: int, roughness: str, seed: int = 1) -> np.ndarray:
    """All predictors of the rows in a window, float32 (12, edge, edge, p)."""
    known = values_of(rows)
    block = np.empty((MONTHS, edge, edge, len(rows.names)), np.float32)
    for place, name in enumerate(rows.names):
        if name == "month":
            block[..., place] = np.arange(1, MONTHS + 1)[:, None, None]
        elif PREDICTORS[name].cadence == "series":
            block[..., place] = known[name].quantiles[:, LEVELS // 2, None, None]
        else:
            block[..., place] = window_months(name, known[name], edge, roughness, seed)
    return block
