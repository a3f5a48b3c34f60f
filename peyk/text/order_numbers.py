"""How a shop numbers its orders: what stands before and after the digits, and how many digits there are."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Fewer digits are said of everything: they are no number of an order by themselves.
LEAST, MOST = 3, 20
_DIGITS = re.compile(r"(\d{1,2})(?:-(\d{1,2}))?", re.ASCII)
WRONG_DIGITS = f"must be a count like 6, or a range like 4-6; {LEAST} to {MOST}"


@dataclass(frozen=True, slots=True)
class OrderFormat:
    """`prefix` and `suffix` (either may be empty), and `fewest` to `most` digits between them.

    Numbers of shops that count on from 1 grow; `most` is `fewest` where they do not.
    """

    prefix: str = "TS-"
    fewest: int = 6
    most: int = 0
    suffix: str = ""

    def __post_init__(self) -> None:
        """Take a `#` for what it is: a sign beside numbers, which no shop's own answer has."""
        object.__setattr__(self, "most", max(self.fewest, self.most))
        object.__setattr__(self, "prefix", self.prefix.strip().lstrip("#"))
        object.__setattr__(self, "suffix", self.suffix.strip())

    @classmethod
    def read(cls, prefix: str, digits: str, suffix: str = "") -> OrderFormat:
        """Return the format of the settings: `digits` is `6`, or `4-6`. Raises ValueError."""
        found = _DIGITS.fullmatch("".join(digits.split()))
        fewest, most = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
        if not LEAST <= fewest <= most <= MOST:
            raise ValueError(WRONG_DIGITS)
        return cls(prefix, fewest, most, suffix)

    def is_whole(self, digits: str) -> bool:
        """Tell whether a run of digits has the length of a whole number."""
        return self.fewest <= len(digits) <= self.most

    def number(self, digits: str) -> str:
        """Return the order number for `digits`: complete with prefix and suffix, a mere ending as typed."""
        return f"{self.prefix}{digits}{self.suffix}" if len(digits) >= self.fewest else digits

    def digits_of(self, number: str) -> str:
        """Return what is left of a number in capitals and ASCII without prefix and suffix, however they are joined."""
        number = number.lstrip("#")
        letters, tail = self.prefix.upper().rstrip("-"), self.suffix.upper().lstrip("-")
        if letters and number.startswith(letters):
            number = number[len(letters) :]
        if tail and number.endswith(tail):
            number = number[: -len(tail)]
        return number.strip("-")
