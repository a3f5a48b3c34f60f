"""Mobile numbers in running text, as people write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from peyk.text import cues
from peyk.text.spans import Identifier, Kind

_GAP = r"[\s\u200c-\u200f\u202a-\u202e().\-\u2010-\u2015_/]{0,3}"
# `+98 (0) 912 …`, `0098912…`, `98912…`, `0912…`, `912…`: the ten digits of the national number may be split anyhow.
_IRANIAN = re.compile(
    rf"(?<![A-Za-z0-9_+])(?:(?:\+|00){_GAP}98|98|(?=0?{_GAP}9))\)?{_GAP}\(?0?\)?{_GAP}(9(?:{_GAP}\d){{9}})(?![A-Za-z0-9_@])"
)
_FOREIGN = re.compile(rf"(?<![A-Za-z0-9_+])((?:\+|00)(?!{_GAP}98)[1-9](?:{_GAP}\d){{6,16}})(?!\d)")
# Prefixes the Iranian regulator has given to mobile operators, with MVNOs.
_OPERATORS = ("90", "91", "92", "93", "94", "99")
_POSTAL_DIGITS = 10
# Shorter runs after two zeros are more often an id with leading zeros than a number abroad.
_MIN_DIGITS_AFTER_00 = 10
_IRANIAN_NATIONAL = re.compile(r"0?(9\d{9})")
_E164 = re.compile(r"\+[1-9]\d{7,14}")


def parse_mobile(number: str) -> str | None:
    """Return a mobile in normal form (`09…` for Iran, else E.164), or None; `number` is digits with an optional `+`."""
    national = number.removeprefix("+98") if number.startswith("+98") else number
    match = _IRANIAN_NATIONAL.fullmatch(national)
    if match:
        return f"0{match.group(1)}" if match.group(1).startswith(_OPERATORS) else None
    return number if _E164.fullmatch(number) else None


def find_mobiles(plain: str, parse: Callable[[str], str | None]) -> Iterator[Identifier]:
    """Yield the mobiles of `plain` (ASCII digits) that `parse` accepts."""
    for match in _IRANIAN.finditer(plain):
        value = parse("+98" + _digits(match.group(1)))
        if value and not _is_other_number(plain, match):
            yield Identifier(Kind.PHONE, value, *match.span())
    for match in _FOREIGN.finditer(plain):
        found = _longest(match.group(1), parse)
        if found and not _is_other_number(plain, match):
            value, length = found
            yield Identifier(Kind.PHONE, value, match.start(1), match.start(1) + length)


def _is_other_number(plain: str, match: re.Match[str]) -> bool:
    """Tell a postal code or national id from a mobile of the same ten digits."""
    return len(_digits(match.group())) == _POSTAL_DIGITS and cues.cue_for(plain, *match.span()) is cues.Cue.OTHER


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _longest(text: str, parse: Callable[[str], str | None]) -> tuple[str, int] | None:
    """Return the longest start of `text`, cut at its gaps, that is a number."""
    ends = [match.end() for match in re.finditer(r"\d+", text)]
    for end in reversed(ends):
        digits = _digits(text[:end])
        national = digits if text.startswith("+") else digits.removeprefix("00")
        enough = text.startswith("+") or len(national) >= _MIN_DIGITS_AFTER_00
        value = parse(f"+{national}") if enough else None
        if value:
            return value, end
    return None
