"""The parts of the carbon balance, and which of them a flux or a budget holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from abz.errors import LedgerError
from abz.validation import check_choice

__all__ = ["FLUX_PARTS", "INCLUDED", "NOT_INCLUDED", "PARTS", "UNKNOWN", "Parts"]

PARTS = MappingProxyType(
    {
        "gpp": "gross primary production",
        "reco": "ecosystem respiration",
        "fire": "carbon emitted by fire",
        "lateral": "carbon that water carries from land to streams and the sea",
        "lakes": "carbon dioxide that lakes emit",
        "rivers": "carbon dioxide that rivers emit",
        "harvest": "carbon that harvest takes away",
    }
)
"""Parts that do not overlap; NEE is the first two together."""

NEE = ("gpp", "reco")

INCLUDED, NOT_INCLUDED, UNKNOWN = "included", "not included", "unknown"

_NAMES = {"gpp": "GPP", "reco": "Reco"}


@dataclass(frozen=True)
class Parts:
    """Which parts are included and of which it is not known; all others are not included.

    Parameters
    ----------
    included, unknown : frozenset of str
        Keys of `PARTS`.

    Raises
    ------
    InputError
        If a part is unheard of.
    LedgerError
        If a part is said to be included and unknown.

    Examples
    --------
    >>> inversion = Parts.of("nee", "fire", "lakes", "rivers", unknown=["harvest"])
    >>> print(inversion)
    NEE + fire + lakes + rivers (unknown: harvest)
    >>> inversion.state("fire"), inversion.state("lateral"), inversion.state("harvest")
    ('included', 'not included', 'unknown')
    """

    included: frozenset[str]
    unknown: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Refuse parts that nobody has heard of, and those in two states."""
        for name in sorted(self.included | self.unknown):
            check_choice(name, PARTS, "part of the carbon balance")
        both = sorted(self.included & self.unknown)
        if both:
            raise LedgerError(
                "a part of the carbon balance is in two states",
                rule=f"a part is {INCLUDED}, {NOT_INCLUDED} or {UNKNOWN}",
                value=f"{', '.join(both)}: {INCLUDED} and {UNKNOWN}",
                remedy="name it once",
            )

    @classmethod
    def of(cls, *included: str, unknown: Iterable[str] = ()) -> Parts:
        """Parts by name, where "nee" stands for "gpp" and "reco"."""
        return cls(_elementary(included), _elementary(unknown))

    @classmethod
    def of_attrs(cls, attrs: Mapping[str, Any]) -> Parts:
        """Parts as `attrs` wrote them.

        Raises
        ------
        LedgerError
            If the attributes do not say it.

        Examples
        --------
        >>> Parts.of_attrs(Parts.of("nee", unknown=["harvest"]).attrs()).state("harvest")
        'unknown'
        """
        if "parts" not in attrs:
            raise LedgerError(
                "a flux does not say which parts of the carbon balance it holds",
                rule='attrs["parts"] names them, attrs["parts_unknown"] those that are not known',
                value=sorted(map(str, attrs)),
                remedy="assign Parts.of(...).attrs() where the flux is read or made",
            )
        names, doubtful = (str(attrs.get(key, "")).split() for key in ("parts", "parts_unknown"))
        return cls.of(*names, unknown=doubtful)

    def attrs(self) -> dict[str, str]:
        """Attributes of a flux that holds these parts.

        Examples
        --------
        >>> Parts.of("nee", unknown=["harvest"]).attrs()
        {'parts': 'gpp reco', 'parts_unknown': 'harvest'}
        """
        stated = {"parts": " ".join(name for name in PARTS if name in self.included)}
        if self.unknown:
            stated["parts_unknown"] = " ".join(name for name in PARTS if name in self.unknown)
        return stated

    def joined(self, other: Parts, names: tuple[str, str] = ("the first", "the second")) -> Parts:
        """Parts of a sum; a part that either does not know is unknown.

        Parameters
        ----------
        other : Parts
            Of what is added.
        names : tuple of str, optional
            Names of both, for the message.

        Raises
        ------
        LedgerError
            Naming both, if a part is, or may be, in both.

        Examples
        --------
        >>> print(Parts.of("nee").joined(Parts.of("fire")))
        NEE + fire
        """
        shared = [
            name for name in PARTS if NOT_INCLUDED not in (self.state(name), other.state(name))
        ]
        if shared:
            raise LedgerError(
                f"{names[0]} and {names[1]} would count a part twice",
                rule="a part of the balance is in one row of a sum only",
                value="; ".join(f"{n}: {self.state(n)} / {other.state(n)}" for n in shared),
                remedy="leave one of them out, or take the part from it with `without`",
            )
        return Parts(self.included | other.included, self.unknown | other.unknown)

    def state(self, part: str) -> str:
        """`included`, `not included` or `unknown`."""
        check_choice(part, PARTS, "part of the carbon balance")
        return (
            INCLUDED if part in self.included else UNKNOWN if part in self.unknown else NOT_INCLUDED
        )

    def __str__(self) -> str:
        """The parts in words."""
        text = " + ".join(_in_words(self.included)) or "nothing"
        return f"{text} (unknown: {', '.join(_in_words(self.unknown))})" if self.unknown else text


def _elementary(names: Iterable[str]) -> frozenset[str]:
    """Names with "nee" taken apart."""
    return frozenset(part for name in names for part in (NEE if name == "nee" else (name,)))


def _in_words(parts: frozenset[str]) -> list[str]:
    """Names in the order of `PARTS`, GPP and Reco together as NEE."""
    whole = parts >= frozenset(NEE)
    names = [_NAMES.get(name, name) for name in PARTS if name in parts]
    return ["NEE", *(name for name in names if name not in _NAMES.values())] if whole else names


FLUX_PARTS = MappingProxyType(
    {
        "nee": Parts.of("nee"),
        "gpp": Parts.of("gpp"),
        "reco": Parts.of("reco"),
        "fire": Parts.of("fire"),
        "nee_fire": Parts.of("nee", "fire"),
    }
)
"""Parts of the fluxes that abz makes. NEE comes from towers and chambers on land: they see neither
the smoke of a fire nor lakes, rivers, or what water and harvest take away."""
