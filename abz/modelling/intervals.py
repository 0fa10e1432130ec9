"""Prediction intervals for the fluxes of places without a site, calibrated on sites held out.

What a forest misses at sites that it never saw says how much it may miss where there is no site.
`calibrate` turns held-out residuals into offsets from a prediction, each site counting once, for
all rows and for each stratum (biome × season); `StratumOffsets` says what serves one that has too
few sites.

The quantiles are this package's own: general conformal libraries such as MAPIE can hold whole
sites out, but then count every row in the quantile, so that long records rule it, and so that many
rows of three sites seem enough to bound those of a fourth. With one row a site both agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from abz.errors import InputError
from abz.modelling.site_quantiles import Form, sites_needed, tail_level, widened
from abz.modelling.strata import EVERYWHERE, scored_rows
from abz.modelling.stratum_offsets import StratumOffsets
from abz.validation import check_choice, check_range

__all__ = ["Intervals", "StratumQuantiles", "calibrate"]

MINIMUM_SITES = 20
"""Sites below which a stratum takes the residuals of others."""


@dataclass(frozen=True)
class StratumQuantiles:
    """Offsets of one stratum.

    Parameters
    ----------
    stratum : str
        Its label, as `label_strata` gives it; `"all"` for all rows.
    wider : str
        Label of a combination without its first column, such as its season; else empty.
    sites, rows : int
        How many of each the stratum has.
    lower, upper : float
        What to add to a prediction, in units of the flux, or of the scale where there is one.
    source : str
        Whose residuals the offsets come from: its own, those of the wider stratum,
        `"all, scaled"` (of all rows, brought to its size), or `"all"`.
    reachable : bool
        Whether there are enough sites for the level; if not, the offsets are infinite.
    """

    stratum: str
    wider: str
    sites: int
    rows: int
    lower: float
    upper: float
    source: str
    reachable: bool


@dataclass(frozen=True)
class Intervals:
    """Calibrated offsets from predictions to the ends of their intervals.

    Parameters
    ----------
    level : float
        Nominal coverage.
    form : {"symmetric", "asymmetric"}
        One quantile of |residual|, or one for each tail.
    strata : tuple of str
        Columns whose combinations are the strata.
    minimum_sites : int
        Sites below which a stratum takes the residuals of others.
    scale : str or None
        Column that residuals were divided by, and offsets have to be multiplied by.
    unscored : int
        Rows without prediction, observation or scale, left out.
    table : tuple of StratumQuantiles
        All rows first, then the wider strata and the strata, each in order of their labels.

    Examples
    --------
    >>> rows = pd.DataFrame({"site": ["a", "b", "c"], "observed": [1.0, 2.0, 3.0],
    ...     "predicted": [0.0, 0.0, 0.0]})
    >>> found = calibrate(rows, 0.5, strata=(), form="symmetric")
    >>> found.lower(np.array([10.0])), found.upper(np.array([10.0]))
    (array([8.]), array([12.]))
    >>> calibrate(rows, 0.9, strata=()).message
    'all: 3 sites, 19 needed for the level 0.9; its intervals are infinite'
    """

    level: float
    form: Form
    strata: tuple[str, ...]
    minimum_sites: int
    scale: str | None
    unscored: int
    table: tuple[StratumQuantiles, ...]

    @property
    def quantiles(self) -> pd.DataFrame:
        """A row per stratum with the fields of `StratumQuantiles`."""
        return pd.DataFrame([asdict(row) for row in self.table])

    @property
    def reachable(self) -> bool:
        """Whether every interval is finite."""
        return all(row.reachable for row in self.table)

    @property
    def message(self) -> str:
        """Which intervals are infinite and how many sites they lack; empty if none is."""
        needed = sites_needed(tail_level(self.level, self.form))
        return "; ".join(
            f"{row.stratum}: {row.sites} sites, {needed} needed for the level {self.level:g}; "
            "its intervals are infinite"
            for row in self.table
            if not row.reachable and row.source == row.stratum
        )

    def source(self, stratum: Any) -> np.ndarray:
        """Whose residuals are behind the offsets of each label, as in `StratumQuantiles`.

        Parameters
        ----------
        stratum : array of str
            Labels; a combination without any calibrated row gets the offsets of its wider
            stratum, another unknown label those of all rows.

        Returns
        -------
        numpy.ndarray of str
        """
        rows, place = self._rows_of(stratum)
        return np.array([row.source for row in rows])[place]

    def offsets(self, stratum: Any = EVERYWHERE) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper offset of each label.

        Parameters
        ----------
        stratum : array of str, optional
            Labels as `label_strata` gives them. For a map, ask for the few labels once and take
            their offsets by code.

        Returns
        -------
        tuple of numpy.ndarray = (lower, upper)
            In units of the flux, or of the scale.
        """
        rows, place = self._rows_of(stratum)
        lower, upper = np.array([row.lower for row in rows]), np.array([row.upper for row in rows])
        return lower[place], upper[place]

    def lower(
        self,
        prediction: Any,
        stratum: Any = EVERYWHERE,
        *,
        scale: Any = None,
        outside: Any = False,
        widening: Any = 1.0,
    ) -> np.ndarray:
        """Lower end of each interval.

        Parameters
        ----------
        prediction : numpy.ndarray (...)
            Flux, g C m-2 month-1; NaN stays NaN.
        stratum : array of str (...), optional
            Label of each prediction.
        scale : numpy.ndarray (...), optional
            Local scale, needed exactly where the intervals were calibrated with one.
        outside : numpy.ndarray of bool (...), optional
            Where a prediction lies outside the area of applicability.
        widening : numpy.ndarray (...), optional
            Factor by which offsets grow there, such as `ErrorModel.widening`; below 1 counts as
            1, NaN makes the end NaN.

        Returns
        -------
        numpy.ndarray (...)
            −inf where the level cannot be reached.

        Notes
        -----
        lower = prediction + σ (lo − (w − 1) |lo|): with the usual lo < 0, the offset times w. The
        end never moves inwards, also where residuals are so biased that lo > 0.
        """
        low, _ = self.offsets(stratum)
        growth = self._growth(outside, widening)
        ends = np.asarray(prediction) + self._scale_of(scale) * widened(low, growth, upper=False)
        return np.asarray(ends, np.float64)

    def upper(
        self,
        prediction: Any,
        stratum: Any = EVERYWHERE,
        *,
        scale: Any = None,
        outside: Any = False,
        widening: Any = 1.0,
    ) -> np.ndarray:
        """Upper end of each interval; arguments as in `lower`, +inf where out of reach."""
        _, high = self.offsets(stratum)
        growth = self._growth(outside, widening)
        ends = np.asarray(prediction) + self._scale_of(scale) * widened(high, growth, upper=True)
        return np.asarray(ends, np.float64)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON; an infinite offset becomes None.

        Examples
        --------
        >>> rows = pd.DataFrame({"site": ["a"], "observed": [1.0], "predicted": [0.0]})
        >>> calibrate(rows, 0.9, strata=()).as_dict()["table"][0]["upper"] is None
        True
        """
        plain = asdict(self)
        for row in plain["table"]:
            row.update({end: row[end] if row["reachable"] else None for end in ("lower", "upper")})
        return plain | {"strata": list(self.strata), "table": list(plain["table"])}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Intervals:
        """The inverse of `as_dict`."""
        table = []
        for row in values["table"]:
            ends = {"lower": -np.inf, "upper": np.inf} if row["lower"] is None else {}
            table.append(StratumQuantiles(**{**row, **ends}))
        return cls(**{**values, "strata": tuple(values["strata"]), "table": tuple(table)})

    def _rows_of(self, stratum: Any) -> tuple[list[StratumQuantiles], np.ndarray]:
        """The different strata among the labels, and the place of each label among them."""
        labels = np.asarray(stratum, dtype=str)
        names, place = np.unique(labels, return_inverse=True)
        return [self._row_of(str(name)) for name in names], place.reshape(labels.shape)

    def _row_of(self, label: str) -> StratumQuantiles:
        """The row of a label, else that of the wider stratum it ends in, else that of all."""
        known = {row.stratum: row for row in self.table}
        wider = [name for name, row in known.items() if not row.wider and name != EVERYWHERE]
        ends = [name for name in wider if len(self.strata) > 1 and label.endswith(f" {name}")]
        return known.get(label, known[max(ends, key=len, default=EVERYWHERE)])

    def _scale_of(self, scale: Any) -> Any:
        """The scale to multiply by; 1 where there is none."""
        if (scale is None) != (self.scale is None):
            raise InputError(
                "intervals and scale do not fit together",
                rule="a scale is given exactly where the intervals were calibrated with one",
                value=f"calibrated with {self.scale}, given {'none' if scale is None else 'one'}",
                remedy="use the same local scale in calibrate and here, or none in both",
            )
        return 1.0 if scale is None else np.asarray(scale, np.float64)

    @staticmethod
    def _growth(outside: Any, widening: Any) -> np.ndarray:
        """Factor of the offsets: `widening` outside, 1 inside."""
        return np.where(np.asarray(outside, dtype=bool), np.asarray(widening, np.float64), 1.0)


def calibrate(
    held_out: pd.DataFrame,
    level: float = 0.9,
    *,
    strata: Sequence[str] = ("biome", "season"),
    form: Form = "asymmetric",
    scale: str | None = None,
    minimum_sites: int = MINIMUM_SITES,
) -> Intervals:
    """Intervals from the residuals of sites held out.

    Parameters
    ----------
    held_out : pandas.DataFrame
        `site`, `observed`, `predicted` (by a forest that never saw the site), the columns of
        `strata` (`month` for `season`) and `scale`.
    level : float, optional
        Nominal coverage, inside (0, 1).
    strata : sequence of str, optional
        Columns whose combinations get offsets of their own; none for one pair of offsets. A
        combination with too few sites takes those of the wider stratum without the first column,
        so of its season; one with too few itself, the residuals of all rows brought to its size.
    form : {"symmetric", "asymmetric"}, optional
        One quantile of |residual| at `level`, or one for each tail at (1 + level) / 2.
    scale : str, optional
        Column of a local scale above zero, known without the observation, such as the standard
        deviation of the members, or a constant + |predicted|.
    minimum_sites : int, optional
        Sites that a stratum needs for offsets of its own; never fewer than the level needs.

    Returns
    -------
    Intervals
        The same for any order of the rows. Rows without a stratum count among all rows only.

    Raises
    ------
    InputError
        If a column or the name of a site is missing, the level is not inside (0, 1) or a scale is
        not above zero.

    Notes
    -----
    With r = (observed − predicted) / σ and Q of `SiteScores`: symmetric, −lo = hi = Q_level(|r|);
    asymmetric, hi = Q_(1+level)/2(r) and −lo = Q_(1+level)/2(−r). A stratum is calibrated on its
    own sites (Mondrian), so its coverage holds within it [3]_; scaled residuals are those of
    `ScaledPool`.

    The jackknife+ with sites as folds [1]_, [2]_ takes the quantiles of F_−s(x) ± |r_s|, F_−s
    without site s, and covers at least 2 level − 1. Here only residuals are kept, and F_−s(x) is
    taken to be F(x): exact where leaving out one site does not move the prediction, close where it
    moves it far less than residuals are large. The coverage of this jackknife is near `level` for
    such stable forests; no bound holds without that. `coverage_table` measures it.

    References
    ----------
    .. [1] Barber, Candès, Ramdas & Tibshirani (2021), Predictive inference with the jackknife+,
       Ann. Stat. 49, 486-507.
    .. [2] Lee, Barber & Willett (2023), Distribution-free inference with hierarchical data,
       arXiv:2306.06342.
    .. [3] Vovk, Gammerman & Shafer (2005), Algorithmic Learning in a Random World, 4.5.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> rows = pd.DataFrame({"site": np.repeat(np.arange(60), 12), "biome": "tundra",
    ...     "month": np.tile(range(1, 13), 60), "predicted": 0.0,
    ...     "observed": rng.normal(size=720)})
    >>> calibrate(rows, 0.8).quantiles[["stratum", "sites", "upper"]].round(1).iloc[[0, 1, 5]]
          stratum  sites  upper
    0         all     60    1.4
    1         DJF     60    1.4
    5  tundra DJF     60    1.4
    """
    check_choice(form, ("symmetric", "asymmetric"), "form")
    check_range(level, "level", minimum=1e-6, maximum=1 - 1e-6)
    rows, unscored = scored_rows(held_out, strata, scale)
    offsets = StratumOffsets(rows, form, minimum_sites)
    table = []
    for name, own in offsets.tails.items():
        lower, upper, source = offsets.of(name, level)
        table.append(
            StratumQuantiles(
                stratum=name,
                wider=offsets.wider.get(name, ""),
                sites=own.sites,
                rows=own.rows,
                lower=lower,
                upper=upper,
                source=source,
                reachable=bool(np.isfinite(upper - lower)),
            )
        )
    return Intervals(level, form, tuple(strata), minimum_sites, scale, unscored, tuple(table))
