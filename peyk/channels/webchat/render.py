"""What a browser gets: entries of the journal and the server's frames, as JSON objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from peyk.channels.incoming import Refused
from peyk.channels.outgoing import as_message
from peyk.domain.conversations import Entry, Owner, Ownership, Utterance

FILES = "files"

Link = Callable[[str], str]
Json = dict[str, Any]


def as_entry(entry: Entry, link: Link, *, agent_name: str | None = None) -> Json:
    """Return an entry as the web chat has it: `link` gives the address of a file by its id.

    One that may not be shown any more keeps its place: `{"seq", "author", "at", "hidden": true}`.
    """
    head: Json = {"seq": entry.seq, "author": entry.author.value, "at": entry.at.isoformat()}
    if entry.hidden:
        return head | {"hidden": True}
    shown = as_message(entry)
    custom = dict(shown.pop("custom", {}))
    files = custom.pop(FILES, None)
    if custom:
        shown["custom"] = custom
    if isinstance(files, list):
        shown[FILES] = [{**each, "url": link(str(each.get("id")))} for each in files if isinstance(each, dict)]
    if agent_name:
        head["agent_name"] = agent_name
    return head | shown


def as_owner(ownership: Ownership, *, agent_name: str | None = None, place: int | None = None) -> Json:
    """Return who has the conversation: the agent's name, or the place in the queue where one is known."""
    shown: Json = {"owner": ownership.owner.value}
    if ownership.owner is Owner.AGENT and agent_name:
        shown["agent_name"] = agent_name
    if ownership.owner is Owner.QUEUE and place is not None:
        shown["place"] = place
    return shown


def as_error(refused: Refused, said: Utterance) -> Json:
    """Return a refusal in the customer's words; `retry_after_s` when the client shall try again by itself."""
    wait = {"retry_after_s": refused.retry_after_s} if refused.retry_after_s else {}
    return {"code": refused.code, "text": said.text or "", **wait}


def shown_order(entry: Entry) -> Json | None:
    """Return the order card of an entry, None when it has none or may not be shown."""
    order = entry.custom.get("order")
    return dict(order) if isinstance(order, dict) and isinstance(order.get("orderId"), str) else None
