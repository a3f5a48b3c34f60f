"""Left-to-right runs in right-to-left text, marked so that any client shows them in their own order.

A number with separators, a Latin name or a URL inside Persian is torn apart by the bidirectional algorithm: after
Persian letters `14:00-16:00` is shown as 16:00-14:00, and the plus of `+98 912 …` goes to the wrong end. Between
U+2066 (left-to-right isolate) and U+2069 (pop directional isolate) it stays whole: Unicode Standard Annex #9, 2.4.
"""

from __future__ import annotations

import re

from peyk.text.spans import Span

LEFT_TO_RIGHT = "\u2066"
POP = "\u2069"

# All four isolate characters: what somebody else has marked is marked anew.
_MARKS = re.compile("[\u2066-\u2069]")
_PERSIAN_LETTER = re.compile(r"[\u0621-\u064a\u066e-\u06d3\u06d5\u06fa-\u06ff\ufb50-\ufdfb\ufe70-\ufefc]")
_DIGITS = "0-9۰-۹٠-٩"
# Latin, Greek, Cyrillic and Armenian; the signs for "times" and "divided by" stand among the Latin letters.
_LETTERS = "A-Za-z\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u0370-\u058f\u1e00-\u1fff"
# What belongs to the character before it: accents, and what makes a keycap of a digit.
_UNIT = f"[{_LETTERS}{_DIGITS}_][\u0300-\u036f\ufe0f\u20e3]*"
_INNER = r"[!-/:-@\[-^`{-~·٫٬×–—]"
_URL = r"(?:https?://|www\.)[^\s«»،؛؟\u2066-\u2069]*[\w/=&#%+-]"
_PHONE = rf"(?:\+|(?<![{_DIGITS}])[0۰٠])[(]?[{_DIGITS}](?:[ ()-]{{0,2}}[{_DIGITS}]){{6,14}}(?![{_DIGITS}])"
# A card's or a parcel's number as it is printed, and read, in groups.
_GROUPS = rf"(?<![{_DIGITS}])[{_DIGITS}]{{2,4}}(?: [{_DIGITS}]{{2,4}}){{2,}}(?![{_DIGITS}])"
_SIGNED = r"(?:(?<!\S)[-−~/]|[+#@$€£*])*"
_WORD = rf"{_SIGNED}(?:{_UNIT})+(?:{_INNER}+(?:{_UNIT})+)*[/+#%*]*"
_PIECE = re.compile(f"{_URL}|{_PHONE}|{_GROUPS}|{_WORD}", re.IGNORECASE)
_LETTER = re.compile(f"[{_LETTERS}]")
# Two words of one Latin name; no more than a space and a little punctuation between them.
_GAP = re.compile(r"[ \t\u00a0]?[!-/:-@\[-`{-~×–—]{0,2}[ \t\u00a0]?")
_RANGE = re.compile(r" ?[-–—×/x] ?")
_CLOSING = {"(": ")", "[": "]", "{": "}", "<": ">"}


def isolate(text: str) -> str:
    """Return `text` with each left-to-right run between U+2066 and U+2069; text without a Persian letter as it is.

    A run is a number with its separators, a telephone number, an order number, a URL, an e-mail address, or Latin
    words with the numbers among them. Doing it twice changes nothing.
    """
    if not has_persian(text):
        return text
    plain = without_isolation(text)
    parts, end = [], 0
    for start, stop in left_to_right_runs(plain):
        parts += [plain[end:start], LEFT_TO_RIGHT, plain[start:stop], POP]
        end = stop
    return "".join([*parts, plain[end:]])


def without_isolation(text: str) -> str:
    """Return `text` without isolate marks: what customers copy from our messages and send back."""
    return _MARKS.sub("", text)


def has_persian(text: str) -> bool:
    """Tell whether there is a Persian (or Arabic) letter in `text`; digits alone are none."""
    return _PERSIAN_LETTER.search(text) is not None


def pieces(text: str) -> list[Span]:
    """Return where the numbers, telephone numbers, URLs and Latin words of `text` stand: what is never parted."""
    return [match.span() for match in _PIECE.finditer(text)]


def left_to_right_runs(text: str) -> list[Span]:
    """Return where the left-to-right runs of `text` stand, in order; `text` has no isolate marks."""
    runs: list[Span] = []
    for start, stop in pieces(text):
        if runs and _belong_together(text, runs[-1], (start, stop)):
            runs.append((runs.pop()[0], stop))
        else:
            runs.append((start, stop))
    return [_with_brackets(text, run) for run in runs]


def _belong_together(text: str, before: Span, after: Span) -> bool:
    """Tell one run in two pieces from two runs: numbers side by side are read one after the other, from the right."""
    gap = text[before[1] : after[0]]
    if _LETTER.search(text, *before) or _LETTER.search(text, *after):
        return _GAP.fullmatch(gap) is not None
    return _RANGE.fullmatch(gap) is not None


def _with_brackets(text: str, run: Span) -> Span:
    """Return the run with the closing bracket that follows it, when it holds the opening one."""
    start, stop = run
    following = text[stop : stop + 1]
    for opening, closing in _CLOSING.items():
        inside = text[start:stop]
        if following == closing and inside.count(opening) > inside.count(closing):
            return start, stop + 1
    return run
