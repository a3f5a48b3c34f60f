"""Who may have a conversation after whom."""

from __future__ import annotations

from itertools import product

import pytest

from peyk.domain.conversations import Author, Button, Entry, Owner, Ownership, Utterance
from tests.unit.services.fakes import NOW

BOT, QUEUE, SARA = Ownership(), Ownership(Owner.QUEUE), Ownership(Owner.AGENT, "sara")
REZA = Ownership(Owner.AGENT, "reza")
CHANGES = {(BOT, QUEUE), (QUEUE, SARA), (QUEUE, REZA), (QUEUE, BOT), (SARA, REZA), (REZA, SARA)} | set(
    product((SARA, REZA), (QUEUE, BOT))
)


@pytest.mark.parametrize(("old", "new"), product((BOT, QUEUE, SARA, REZA), repeat=2))
def test_who_may_have_it_after_whom(old: Ownership, new: Ownership) -> None:
    assert old.may_become(new) == ((old, new) in CHANGES)


@pytest.mark.parametrize(
    ("owner", "agent"), [(Owner.AGENT, None), (Owner.AGENT, ""), (Owner.BOT, "x"), (Owner.QUEUE, "x")]
)
def test_an_agents_conversation_has_an_agent_and_no_other_has(owner: Owner, agent: str | None) -> None:
    with pytest.raises(ValueError, match="agent"):
        Ownership(owner, agent)


def test_since_when_does_not_make_another_owner() -> None:
    assert Ownership(Owner.QUEUE, since=NOW) == QUEUE


def test_an_entry_is_an_utterance_in_its_place() -> None:
    entry = Entry(seq=3, author=Author.BOT, at=NOW, text="؟", buttons=(Button("بله", "b:1"),))
    assert isinstance(entry, Utterance)
    assert not entry.hidden
