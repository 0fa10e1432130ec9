"""Land that polygons of two zones claim at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from shapely import STRtree, area, intersection

from abz.errors import InputError

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["SLIVER", "overlapping_zones", "refuse_overlaps"]

SLIVER = 1e-3
"""Share of the smaller zone up to which an overlap counts as a flaw of drawing."""
KM2 = 1e6


def overlapping_zones(polygons: gpd.GeoDataFrame, column: str) -> pd.DataFrame:
    """Pairs of zones whose polygons overlap.

    Parameters
    ----------
    polygons : geopandas.GeoDataFrame
        On an equal-area projection in m, with the zone of each in `column`.
    column : str
        Name of the zone column.

    Returns
    -------
    pandas.DataFrame
        first, second (first < second), the zones; shared_m2; share, of the smaller zone, 0 to 1.
        The widest overlap is first. Where three zones meet on one place, each pair counts it.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> parks = gpd.GeoDataFrame(
    ...     {"code": [1, 2]}, geometry=[box(0, 0, 4, 1), box(3, 0, 5, 1)], crs="EPSG:6931")
    >>> overlapping_zones(parks, "code").values.tolist()
    [[1.0, 2.0, 1.0, 0.5]]
    """
    shapes, zone = polygons.geometry.to_numpy(), polygons[column].to_numpy()
    one, other = STRtree(shapes).query(shapes, predicate="intersects")
    pairs = zone[one] < zone[other]
    one, other = one[pairs], other[pairs]
    table = pd.DataFrame(
        {
            "first": zone[one],
            "second": zone[other],
            "shared_m2": area(intersection(shapes[one], shapes[other])),
        }
    )
    found = table.groupby(["first", "second"], as_index=False)["shared_m2"].sum()
    found = found[found["shared_m2"] > 0]
    size = pd.Series(area(shapes)).groupby(zone).sum()
    smaller = np.minimum(size[found["first"]].to_numpy(), size[found["second"]].to_numpy())
    found = found.assign(share=found["shared_m2"] / smaller)
    return found.sort_values("shared_m2", ascending=False, ignore_index=True, kind="stable")


def refuse_overlaps(found: pd.DataFrame, zones: Sequence[str], name: str) -> None:
    """Nothing, if no two zones share more than `SLIVER` of the smaller one.

    Parameters
    ----------
    found : pandas.DataFrame
        From `overlapping_zones`; zones are numbers from 1.
    zones : sequence of str
        Their names.
    name : str
        Of the zone set.

    Raises
    ------
    InputError
        Naming the two zones that share the most.
    """
    wide = found[found["share"] > SLIVER]
    if wide.empty:
        return
    worst = wide.iloc[0]
    first, second = (zones[int(worst[key]) - 1] for key in ("first", "second"))
    raise InputError(
        f"zones of [zones.{name}] overlap",
        rule=f"no two zones share more than {SLIVER:.1%} of the smaller one",
        value=f"{first!r} and {second!r} share {worst['shared_m2'] / KM2:,.0f} km2, "
        f"{worst['share']:.1%} of the smaller one; {len(wide)} pairs in all",
        remedy='mend the polygons, or let the later row of the file win: overlap = "later"',
    )
