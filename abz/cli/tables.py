"""Tables of a run that tell which model set, and which flux, their rows are of."""

from __future__ import annotations

import pandas as pd

__all__ = ["labelled"]


def labelled(table: pd.DataFrame, model_set: str, flux: str | None = None) -> pd.DataFrame:
    """The table with its model set and flux in front.

    Parameters
    ----------
    table : pandas.DataFrame
        Any columns.
    model_set : str
        Of all rows.
    flux : str, optional
        Of all rows; a `flux` that the table has itself moves to the front.

    Examples
    --------
    >>> list(labelled(pd.DataFrame({"rmse": [1.0]}), "fine", "nee"))
    ['model_set', 'flux', 'rmse']
    >>> list(labelled(pd.DataFrame({"rmse": [1.0], "flux": ["gpp"]}), "fine"))
    ['model_set', 'flux', 'rmse']
    """
    about = {"model_set": model_set} | ({} if flux is None else {"flux": flux})
    found = table.assign(**about)
    front = [name for name in ("model_set", "flux") if name in found]
    return found[[*front, *[name for name in found if name not in front]]]
