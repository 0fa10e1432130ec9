"""Tables of a configuration about budgets: zones of one's own, what a ± holds, closure."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from abz.config_forests import Table

__all__ = ["Budgets", "FireUncertainty", "Transfer"]

Correlation = Annotated[float, Field(ge=0, le=1)]
Component = Literal["sampling", "transfer", "fire", "interannual"]


class FireUncertainty(Table):
    """Error of fire emissions: twice its SD relative to them, and its correlations."""

    two_sigma: Annotated[float, Field(ge=0)] = 0.5
    within_regions: Correlation = 1.0
    between_regions: Correlation = 0.5
    between_months: Correlation = 1.0
    between_years: Correlation = 1.0

    @model_validator(mode="after")
    def _nested(self) -> FireUncertainty:
        if self.between_regions > self.within_regions:
            raise ValueError("between_regions is at most within_regions")
        return self


class Transfer(Table):
    """Error of carrying forests from sites to land: its length where given, size of a block."""

    length_km: Annotated[float, Field(gt=0)] | None = None
    block_km: Annotated[float, Field(gt=0)] = 100.0


class Budgets(Table):
    """What counts as a source, which components a ± holds, and whether budgets are made to close.

    `neutral_band` is in g C m-2 yr-1 around zero; `unions` names further zones, each by its parts,
    spelled zone set/zone.
    """

    neutral_band: Annotated[float, Field(ge=0)] = 0.0
    uncertainty: list[Component] = Field(default=["sampling", "transfer", "fire"])
    transfer: Transfer = Transfer()
    fire: FireUncertainty = FireUncertainty()
    reconcile: Literal["none", "domain", "zone"] = "domain"
    unions: dict[str, Annotated[list[str], Field(min_length=1)]] = Field(default={})

    @field_validator("uncertainty")
    @classmethod
    def _once(cls, uncertainty: list[Component]) -> list[Component]:
        if len(uncertainty) > len(set(uncertainty)):
            raise ValueError("a component stands there once")
        return uncertainty

    @model_validator(mode="after")
    def _explained(self) -> Budgets:
        if self.reconcile != "none" and not {"sampling", "transfer"} & set(self.uncertainty):
            raise ValueError('what budgets are reconciled by: count "sampling" or "transfer"')
        return self
