"""How many layers the soil of a CMIP model has, by its files of soil temperature."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from abz.errors import InputError
from abz.readers.cmip_names import SOIL, Run, cmip_files
from abz.readers.intact import open_plain
from abz.validation import check_variables

__all__ = ["cmip6_soil_layers"]

_FLAT = ("time", "lat", "latitude", "lon", "longitude")


def cmip6_soil_layers(paths: Sequence[Path], run: Run) -> int | None:
    """Layers in which a model keeps the temperature of the soil.

    Parameters
    ----------
    paths : sequence of Path
        As in `cmip6_runs`; `tsl_Lmon_{model}_….nc` of any simulation of the model tells.
    run : Run
        A simulation of the model.

    Returns
    -------
    int or None
        None where there is no file of its soil temperature.

    Raises
    ------
    InputError
        If tsl has more axes than time, depth, latitude and longitude, or the file is damaged.
    MissingDataError
        If a file has no tsl.
    """
    own = [path for other, part, path in cmip_files(paths)
           if part["variable"] == SOIL and other.model == run.model]  # fmt: skip
    if not own:
        return None
    with open_plain(own[0]) as file:
        tsl = check_variables(file, [SOIL], own[0].name)[SOIL]
        deep = [size for dim, size in tsl.sizes.items() if dim not in _FLAT]
    if len(deep) > 1:
        raise InputError(
            f"{own[0].name} has axes besides depth",
            rule="tsl has time, one axis of depth, latitude and longitude",
            value=dict(tsl.sizes),
            remedy="use the file of the archive, not a converted copy",
        )
    return int(deep[0]) if deep else 1
