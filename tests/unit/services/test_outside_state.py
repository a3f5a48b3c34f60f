"""Which state a ticket gets when it has one here and one outside."""

from __future__ import annotations

import pytest

from peyk.domain.outside import StateNames, settle
from peyk.domain.tickets import TicketState

OPEN, WORK, DONE = TicketState.OPEN, TicketState.IN_PROGRESS, TicketState.RESOLVED
NAMES = {"new": OPEN, "open": WORK, "closed": DONE}


@pytest.mark.parametrize(
    ("before", "ours", "theirs", "wanted"),
    [
        # The first time the further one counts.
        (None, OPEN, "new", OPEN),
        (None, OPEN, "closed", DONE),
        (None, WORK, "new", WORK),
        (None, DONE, "open", DONE),
        # Nothing has changed outside: ours counts.
        ((OPEN, "new"), WORK, "new", WORK),
        ((OPEN, "new"), DONE, "new", DONE),
        ((DONE, "closed"), OPEN, "closed", OPEN),
        # Something has: theirs counts, but for what is solved here.
        ((OPEN, "new"), OPEN, "open", WORK),
        ((OPEN, "new"), WORK, "closed", DONE),
        ((WORK, "open"), WORK, "new", OPEN),
        ((DONE, "closed"), DONE, "open", DONE),
        ((OPEN, "new"), DONE, "open", DONE),
        # Nobody knows what it means.
        ((OPEN, "new"), OPEN, "moon", OPEN),
    ],
)
def test_the_side_that_changed_wins(
    before: tuple[TicketState, str] | None, ours: TicketState, theirs: str, wanted: TicketState
) -> None:
    assert settle(before, (ours, theirs), NAMES.get(theirs)) is wanted


def test_a_shops_words_are_added_and_read_in_any_case() -> None:
    names = StateNames(NAMES, {DONE: "closed"}).with_changes({"erledigt": DONE}, {DONE: "erledigt"})
    assert names.read(" Erledigt ") is DONE
    assert names.read("new") is OPEN
    assert names.read("moon") is None
    assert names.ours[DONE] == "erledigt"
