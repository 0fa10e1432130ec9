"""Groups of predictors that say much the same, so that they can be shuffled as one.

Where two predictors carry the same information, a forest can do without either: each alone looks
unimportant. Together they cannot hide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from scipy.stats import rankdata
from scipy.stats.contingency import association, crosstab

from abz.drivers.importance import stable_order
from abz.errors import InputError
from abz.modelling import categorical
from abz.validation import check_range
from abz.vocabulary import PREDICTORS

__all__ = ["associations", "group_predictors", "moves_of"]


def associations(X: np.ndarray, predictors: Sequence[str]) -> pd.DataFrame:
    """How much each two predictors tell of each other, 0 to 1.

    Parameters
    ----------
    X : numpy.ndarray (n, p)
        Predictors, nothing missing; categories as codes.
    predictors : sequence of str
        Names of the columns.

    Returns
    -------
    pandas.DataFrame (p, p)
        Symmetric, 1 on the diagonal; 0 beside a predictor that is constant. The same for any order
        of the rows.

    Notes
    -----
    Two numeric predictors: |Spearman's ρ| [1]_. A category and a numeric one: the correlation ratio
    of the ranks, η = √(SS between levels / SS), which neither needs an order of the levels nor that
    the relation is monotonic. Two categories: Cramér's V [2]_. η and V of L levels that have
    nothing to tell are not 0 but about √(L / n).

    References
    ----------
    .. [1] Spearman (1904), The proof and measurement of association, Am. J. Psychology 15, 72-101.
    .. [2] Cramér (1946), Mathematical Methods of Statistics, Princeton University Press.

    Examples
    --------
    >>> X = np.array([[1, 10.0, 5], [1, 12.0, 4], [7, 30.0, 3], [7, 33.0, 2]])
    >>> associations(X, ["month", "srad", "soc"]).round(2)["srad"].tolist()
    [0.89, 1.0, 1.0]
    """
    raw = np.asarray(X, np.float32)
    columns = raw[stable_order(raw, np.zeros(len(raw)), predictors)].T
    kinds = set(categorical(predictors))
    ranks = [rankdata(column) for column in columns]
    found = np.eye(len(predictors))
    for i, first in enumerate(predictors):
        for j, second in enumerate(predictors[:i]):
            if first in kinds and second in kinds:
                value = _cramer(columns[i], columns[j])
            elif first in kinds:
                value = _correlation_ratio(columns[i], ranks[j])
            elif second in kinds:
                value = _correlation_ratio(columns[j], ranks[i])
            else:
                value = _correlation(ranks[i], ranks[j])
            found[i, j] = found[j, i] = value
    return pd.DataFrame(found, index=list(predictors), columns=list(predictors))


def group_predictors(
    X: np.ndarray,
    predictors: Sequence[str],
    *,
    threshold: float = 0.7,
    declared: Mapping[str, Sequence[str]] | None = None,
) -> pd.DataFrame:
    """Share out the predictors among groups, declared ones or those that clustering finds.

    Parameters
    ----------
    X, predictors
        As in `associations`.
    threshold : float, optional
        Every two predictors of a group that is found are associated at least so much.
    declared : mapping of {str: sequence of str}, optional
        Name of a group to its predictors; those that are not here are passed over, and predictors
        that no group names stand alone. Nothing is clustered then.

    Returns
    -------
    pandas.DataFrame
        A row per predictor, in the order of the vocabulary within groups and of groups by their
        first: `group`, `predictor`, `partner` (the other predictor that tells most of it) and
        `association` with the partner. A group that is found is named by its predictors, joined by
        " + ". The same for any order of rows and predictors.

    Raises
    ------
    InputError
        If two declared groups name one predictor, or a threshold is not in 0 to 1.

    Notes
    -----
    Complete linkage of the dissimilarity 1 − association, cut at 1 − threshold.

    Examples
    --------
    >>> x = np.linspace(0, 1, 30)
    >>> X = np.column_stack([x, np.cos(40 * x), x**2])
    >>> group_predictors(X, ["lst", "soc", "soil_temperature"])["group"].tolist()
    ['soil_temperature + lst', 'soil_temperature + lst', 'soc']
    """
    check_range(threshold, "threshold", minimum=0, maximum=1)
    names = sorted(predictors, key=_vocabulary_place)
    columns = [list(predictors).index(name) for name in names]
    alike = associations(np.asarray(X)[:, columns], names)
    group = _declared(names, declared) if declared else _clustered(alike, threshold)
    others = alike.to_numpy() - 2 * np.eye(len(names))
    table = pd.DataFrame(
        {
            "group": [group[name] for name in names],
            "predictor": names,
            "partner": [names[k] if len(names) > 1 else "" for k in others.argmax(axis=1)],
            "association": others.max(axis=1) if len(names) > 1 else np.nan,
        }
    )
    order = {name: place for place, name in enumerate(dict.fromkeys(table["group"]))}
    return table.sort_values("group", key=lambda g: g.map(order), kind="stable", ignore_index=True)


def moves_of(groups: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Each group's name and predictors, for `shuffled_errors`.

    Examples
    --------
    >>> table = pd.DataFrame({"group": ["heat", "heat"], "predictor": ["lst", "soil_temperature"]})
    >>> moves_of(table)
    {'heat': ('lst', 'soil_temperature')}
    """
    return {
        str(name): tuple(members)
        for name, members in groups.groupby("group", sort=False)["predictor"]
    }


def _vocabulary_place(name: str) -> tuple[int, str]:
    """Key of a predictor in the order of the vocabulary; names it does not know come last."""
    known = list(PREDICTORS)
    return (known.index(name) if name in PREDICTORS else len(known), name)


def _declared(names: Sequence[str], declared: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Group of each predictor, as declared; its own name where no group holds it."""
    group: dict[str, str] = {}
    for label, members in declared.items():
        for member in members:
            if member in group:
                raise InputError(
                    f"{member} is in two groups",
                    rule="a predictor is in one group at most",
                    value=f"{group[member]} and {label}",
                    remedy="name it once",
                )
            group[member] = label
    return {name: group.get(name, name) for name in names}


def _clustered(alike: pd.DataFrame, threshold: float) -> dict[str, str]:
    """Group of each predictor by complete linkage."""
    names = [str(name) for name in alike]
    if len(names) < 2:
        return {name: name for name in names}
    apart = squareform(1 - alike.to_numpy(), checks=False)
    cluster = fcluster(linkage(apart, "complete"), 1 - threshold, criterion="distance")
    label = {
        number: " + ".join(n for n, own in zip(names, cluster, strict=True) if own == number)
        for number in set(cluster)
    }
    return {name: label[number] for name, number in zip(names, cluster, strict=True)}


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    """|Pearson's correlation| of ranks; 0 where one of them is constant."""
    a, b = first - first.mean(), second - second.mean()
    scale = np.sqrt((a * a).sum() * (b * b).sum())
    return float(min(abs((a * b).sum()) / scale, 1.0)) if scale > 0 else 0.0


def _correlation_ratio(levels: np.ndarray, ranks: np.ndarray) -> float:
    """Root of the share of the ranks' variance that lies between levels."""
    number = np.unique(levels, return_inverse=True)[1]
    centred = ranks - ranks.mean()
    total = (centred**2).sum()
    between = (np.bincount(number, centred) ** 2 / np.bincount(number)).sum()
    return float(min(np.sqrt(between / total), 1.0)) if total > 0 else 0.0


def _cramer(first: np.ndarray, second: np.ndarray) -> float:
    """Cramér's V; 0 where one of them has a single level."""
    counts = crosstab(first, second).count
    return float(min(association(counts), 1.0)) if min(counts.shape) > 1 else 0.0
