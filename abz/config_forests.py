"""Tables of a configuration about the forests: how they are grown, judged and explained."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from abz.vocabulary import PREDICTORS

__all__ = ["Drivers", "Forest", "Positive", "Table", "Validation"]

Positive = Annotated[int, Field(ge=1)]
Folds = Annotated[int, Field(ge=2, le=100)]
DesignName = Literal[
    "nested",
    "colocated",
    "same_cell",
    "leave_region_out",
    "leave_year_out",
    "random_sites",
    "knndm_geographic",
    "knndm_feature",
]


class Table(BaseModel):
    """A TOML table: unknown keys are refused, values are never coerced or changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Forest(Table):
    """Random forests: the central model, its tuning and its bootstrap members."""

    trees: Positive = 500
    mtry: Annotated[list[Positive], Field(min_length=1)] = [2, 9, 17]
    engine: Literal["random_forest", "extra_trees", "quantile_forest", "gradient_boosting"] = (
        "random_forest"
    )
    quantile: Annotated[float, Field(ge=0, le=1)] = 0.5
    node_size: Positive = 5
    unseen: Literal["missing", "pool", "error"] = "pool"
    search: Literal["out_of_site", "leave_one_site_out"] = "out_of_site"
    criterion: Literal["site", "pooled"] = "site"
    tuning_trees: Positive = 500
    members: Annotated[int, Field(ge=2)] = 20
    member_trees: Positive = 500
    unit: Literal["row", "site"] = "row"
    member_predictors: Literal["continuous", "all"] | None = None

    @field_validator("mtry")
    @classmethod
    def _once(cls, mtry: list[int]) -> list[int]:
        _distinct(mtry, "a value of mtry")
        return mtry

    @model_validator(mode="after")
    def _used(self) -> Forest:
        if self.quantile != 0.5 and self.engine != "quantile_forest":
            raise ValueError('a quantile is what engine = "quantile_forest" answers with, no other')
        return self


class Validation(Table):
    """Fold designs, prediction intervals, and the bootstrap of sites behind the scores."""

    level: Annotated[float, Field(gt=0, lt=1)] = 0.9
    colocated_km: Annotated[float, Field(ge=0)] = 5.0
    year_parts: Positive = 2
    folds: Folds = 10
    samples: Positive = 2000
    trees: Positive | None = None
    designs: list[DesignName] = [
        "colocated", "same_cell", "leave_region_out", "leave_year_out", "random_sites",
        "knndm_geographic", "knndm_feature",
    ]  # fmt: skip

    @field_validator("designs")
    @classmethod
    def _once(cls, designs: list[DesignName]) -> list[DesignName]:
        _distinct(designs, "a design")
        return designs


class Drivers(Table):
    """Importance, in training and at left-out sites; curves, effects and pairs of predictors."""

    shuffles: Positive = 100
    held_out_folds: Folds = 10
    held_out_trees: Positive = 100
    groups: dict[str, Annotated[list[str], Field(min_length=1)]] = {}
    group_threshold: Annotated[float, Field(ge=0, le=1)] = 0.7
    curve_points: Annotated[int, Field(ge=5)] = 51
    effect_bins: Annotated[int, Field(ge=2)] = 40
    pairs: list[Annotated[list[str], Field(min_length=2, max_length=2)]] = [
        ["soil_temperature", "soil_moisture"],
        ["lst", "vpd"],
        ["air_temperature", "vpd"],
    ]
    pair_points: Annotated[int, Field(ge=3)] = 15

    @model_validator(mode="after")
    def _known(self) -> Drivers:
        named = [name for members in (*self.groups.values(), *self.pairs) for name in members]
        strange = sorted({name for name in named if name not in PREDICTORS})
        if strange:
            raise ValueError(f"groups and pairs name predictors, which {', '.join(strange)} is not")
        grouped = [name for members in self.groups.values() for name in members]
        if len(grouped) > len(set(grouped)):
            raise ValueError("a predictor is in one group at most")
        if set(self.groups) & set(PREDICTORS):
            raise ValueError("a group does not bear the name of a predictor")
        if any(first == second for first, second in self.pairs):
            raise ValueError("a pair names two different predictors")
        _distinct([tuple(sorted(pair)) for pair in self.pairs], "a pair")
        return self


def _distinct(values: list[Any], what: str) -> None:
    """Refuse values of which one stands there twice."""
    if len(values) > len(set(values)):
        raise ValueError(f"{what} stands there once")
