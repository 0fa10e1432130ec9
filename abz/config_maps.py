"""Tables of a configuration about maps: how they are stored, what burns, what tests trends."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from abz.config_forests import Positive, Table

__all__ = ["Fire", "PostFire", "Trends", "Upscaling", "Year", "YearSpan"]

Year = Annotated[int, Field(ge=1850, le=2100)]


class Upscaling(Table):
    """How and where the blocks of the map are worked, and the precision of the stored maps.

    Nothing but `precision`, "float32" or a step in g C m-2 month-1, changes the maps, and nothing
    changes the totals. `keep_members` adds the maps of each member.
    """

    block_cells: Annotated[int, Field(ge=8)] = 256
    precision: float | str = "float32"
    keep_members: bool = False
    engine: Literal["abz", "scikit-learn"] = "abz"
    scheduler: Annotated[str, Field(pattern=r"^[a-z]+://.+")] | None = None
    cluster: Literal["local", "htcondor", "lsf", "moab", "oar", "pbs", "sge", "slurm"] | None = None
    cluster_workers: Positive = 2

    @model_validator(mode="after")
    def _one_place(self) -> Upscaling:
        if self.scheduler is not None and self.cluster is not None:
            raise ValueError("scheduler (one that runs already) and cluster exclude each other")
        return self

    @field_validator("precision", mode="before")
    @classmethod
    def _in_steps(cls, precision: Any) -> float | str:
        number = isinstance(precision, int | float) and not isinstance(precision, bool)
        if precision == "float32" or (number and 0 < precision <= 1):
            return precision
        raise ValueError('precision is "float32", or a step above 0 and up to 1 g C m-2 month-1')

    @property
    def step(self) -> float | None:
        """Distance between neighbouring values of the stored maps; none in single precision."""
        return None if self.precision == "float32" else float(self.precision)


class YearSpan(Table):
    """From one year to another, both included."""

    first_year: Year
    last_year: Year

    @model_validator(mode="after")
    def _ordered(self) -> YearSpan:
        if self.last_year < self.first_year:
            raise ValueError("first_year must not come after last_year")
        return self

    @property
    def years(self) -> range:
        """All years of the span."""
        return range(self.first_year, self.last_year + 1)


class Fire(YearSpan):
    """Years in which fire emissions are known."""

    first_year: Year = 2002
    last_year: Year = 2020


class PostFire(Table):
    """The bias at burned sites by years since fire, and the year whose NEE it would correct.

    The year is the last one with fire where none is given. Months count whose slope and intercept
    have p < `alpha`, at `least_sites` burned sites or more.
    """

    year: Year | None = None
    max_age: Annotated[int, Field(ge=1, le=60)] = 18
    alpha: Annotated[float, Field(gt=0, lt=1)] = 0.05
    least_sites: Annotated[int, Field(ge=2)] = 3
    samples: Annotated[int, Field(ge=2)] = 1000


class Trends(Table):
    """The trend test of maps and zones."""

    method: Literal[
        "none", "yue_pilon", "zhang", "three_prewhitening", "prewhiten", "trend_free_prewhitening",
        "hamed_rao", "block_bootstrap",
    ] = "zhang"  # fmt: skip
    preserve_range: bool = False
    alpha: Annotated[float, Field(gt=0, lt=1)] = 0.05
