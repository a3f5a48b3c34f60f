"""Where a vendor's answer has what, in YAML, for answers whose shape is not published: a shop may bring its own file.

Every line names places to look in; the first that is there counts. Dots go down into objects, numbers
into lists; an empty place is the whole:

    events: [objects.order.history, objects.history]
    code: [status_id]
    words: [title]
    date: [date]
    time: [time]
    place: [city]

`events` are looked for in the whole answer, `code` to `place` in one event, where `date` may hold the time too;
`kind` is a coarser code of an event, `town` a field for nothing but towns, `why` the words for an exception.
`state`, `state_words`, `state_kind` and `state_why` are the present state, `eta` when the parcel should come, `parts`
the parcels of one waybill, `part_state` and `part_words` of one of them, and `total_parts` how many there should be.
`named` is what only an answer for a parcel they know has: without scans it is then "not yet", and else "not found".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

import yaml

from peyk.adapters.carriers._moments import TEHRAN, moment
from peyk.adapters.carriers._told import Part, Scan, State, Told
from peyk.errors import BadAnswer, SettingsError

_OF_EVENT = ("code", "words", "date", "time", "place", "kind", "town", "why")
_OF_STATE = ("state", "state_words", "state_at", "state_place", "state_kind", "state_why")
_OF_WHOLE = ("events", "eta", "parts", "part_state", "part_words", "total_parts", "named")
NAMES = frozenset({*_OF_EVENT, *_OF_STATE, *_OF_WHOLE})
MOST_PARTS = 100
# Who promises a day writes its first minute, and means its last.
_MIDNIGHT = re.compile(r"T00:00(:00(\.0+)?)?")
_END_OF_DAY = "23:59"

Json = Any


class Fields:
    """The names of one vendor's fields, and how its answers are read by them."""

    NAMES: ClassVar[frozenset[str]] = NAMES

    def __init__(self, system: str, places: Mapping[str, Sequence[str]], zone: ZoneInfo = TEHRAN) -> None:
        """Take the names; moments without a zone are of `zone`."""
        self._system = system
        self._places = places
        self._zone = zone

    @classmethod
    def load(
        cls, system: str, package: str, own: Path | None, zone: ZoneInfo = TEHRAN, *, table: str = "fields.yml"
    ) -> Self:
        """Read a table of an adapter's package; lines of a shop's own file replace ours. Raises SettingsError."""
        places = _read(files(package).joinpath(table).read_text(encoding="utf-8"), f"{table} of {system}", cls.NAMES)
        if own is not None:
            try:
                text = own.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as exc:
                raise SettingsError(f"the fields of {system} in {own} cannot be read: {type(exc).__name__}") from None
            places |= _read(text, str(own), cls.NAMES)
        return cls(system, places, zone)

    def told(self, answer: Json) -> Told:
        """Return what an answer says. Raises BadAnswer where it has neither events nor a state nor parts."""
        events, parts = self._find("events", answer), self._find("parts", answer)
        state = self._state(answer, "state")
        if events is None and parts is None and state is None:
            raise BadAnswer(self._system, "neither events nor a state are where they should be")
        scans = [self._scan(event) for event in self._objects("events", events)]
        if not scans and state is not None:
            scans = self._last_change(answer, state)
        read = self._parts(answer, self._objects("parts", parts))
        return Told(scans, state, read, eta=self._eta(answer), known=bool(self._find("named", answer)))

    def _scan(self, event: Json) -> Scan:
        code, words = self._text("code", event), self._text("words", event)
        clock = self._text("time", event)
        at = next(filter(None, (moment(day, clock, self._zone) for day in self._texts("date", event))), None)
        if at is None or not (code or words):
            raise BadAnswer(self._system, f"an event without {'words' if at else 'a time that can be read'}")
        rest = {name: self._text(name, event) for name in ("place", "kind", "town", "why")}
        return Scan(at, code, words, **rest)

    def _last_change(self, answer: Json, state: State) -> list[Scan]:
        at = next(filter(None, (moment(each, zone=self._zone) for each in self._texts("state_at", answer))), None)
        place = self._text("state_place", answer)
        return [Scan(at, state.code, state.words, place, state.kind, why=state.why)] if at else []

    def _eta(self, answer: Json) -> datetime | None:
        text = _MIDNIGHT.sub(f"T{_END_OF_DAY}", self._text("eta", answer))
        return moment(text, zone=self._zone) or moment(text, _END_OF_DAY, self._zone)

    def _state(self, answer: Json, name: str) -> State | None:
        code, words, kind, why = (self._text(f"{name}{end}", answer) for end in ("", "_words", "_kind", "_why"))
        state = State(code, words, kind, why)
        return state if state.code or state.words else None

    def _parts(self, answer: Json, parts: Sequence[Json]) -> list[Part]:
        read = [Part(self._state(part, "part_state")) for part in parts]
        total = self._text("total_parts", answer)
        expected = min(int(total), MOST_PARTS) if total.isascii() and total.isdecimal() else 0
        # Parts the vendor announces and says nothing of.
        return [*read, *(Part(None) for _ in range(expected - len(read)))]

    def _objects(self, name: str, found: Json) -> list[Json]:
        if found is None:
            return []
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise BadAnswer(self._system, f"{name} are no list of objects")
        return found

    def _text(self, name: str, value: Json) -> str:
        return next(iter(self._texts(name, value)), "")

    def _texts(self, name: str, value: Json) -> list[str]:
        texts = []
        for found in self._all(name, value):
            if not isinstance(found, (str, int)) or isinstance(found, bool):
                raise BadAnswer(self._system, f"{name} is no text")
            texts.append(str(found).strip())
        return [text for text in texts if text]

    def _find(self, name: str, value: Json) -> Json:
        return next(iter(self._all(name, value)), None)

    def _all(self, name: str, value: Json) -> list[Json]:
        found = (_at(value, path) for path in self._places.get(name, ()))
        return [each for each in found if each is not None]


def _at(value: Json, path: str) -> Json:
    for step in filter(None, path.split(".")):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal():
            value = value[int(step)] if int(step) < len(value) else None
        else:
            return None
    return value


def _read(text: str, where: str, names: frozenset[str]) -> dict[str, list[str]]:
    try:
        rows: Any = yaml.safe_load(text) or {}
    except yaml.YAMLError:
        raise SettingsError(f"{where} is not YAML") from None
    if not isinstance(rows, dict) or not all(isinstance(row, list) for row in rows.values()):
        raise SettingsError(f"{where} must hold lines like `words: [description]`")
    if unknown := set(rows) - names:
        raise SettingsError(f"{where} has no line `{min(map(str, unknown))}`; there are {sorted(names)}")
    return {name: [str(place) for place in row] for name, row in rows.items()}
