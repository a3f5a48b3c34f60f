"""Zammad's REST API on a real socket, in its documented shapes (docs.zammad.org/en/latest/api).

What its source does is here too: a search with a condition asks the database and knows a new ticket at once, one with a
query asks an index that follows later (`index()`); a condition on an attribute nobody has made is refused; attributes
nobody has made are dropped from a new ticket.
"""

from __future__ import annotations

import itertools
import re
from typing import Any

from tests.fakes.vendor_http import Answer, Call, FakeDesk, Json

TOKEN = "ZammadToken_4nX8sV2kP7wQ1jH6"
STATES = {"new", "open", "pending reminder", "pending close", "closed", "merged"}
PRIORITIES = {"1 low", "2 normal", "3 high"}
MAIL = re.compile(r"guess:([^@\s]+@[^@\s]+\.[^@\s]+)")


class FakeZammad(FakeDesk):
    """One Zammad with the groups "Users" and "Support"."""

    def __init__(self, attributes: frozenset[str] = frozenset({"peyk_key"})) -> None:
        super().__init__(TOKEN)
        self.attributes = attributes
        self.tickets: dict[int, dict[str, Json]] = {}
        self.articles: dict[int, list[dict[str, Json]]] = {}
        self.customers: dict[str, int] = {}
        self.indexed: set[int] = set()
        self._ids = itertools.count(17)

    def authorised(self, headers: Any) -> bool:
        return bool(headers.get("Authorization") == f"Token token={TOKEN}")

    def index(self) -> None:
        """Let the search index catch up."""
        self.indexed = set(self.tickets)

    def handle(self, call: Call) -> Answer:
        routes: list[tuple[str, str, Any]] = [
            ("POST", "/api/v1/tickets/search", self._where),
            ("GET", "/api/v1/tickets/search", self._search),
            ("POST", "/api/v1/tickets", self._create),
            ("GET", r"/api/v1/tickets/(\d+)", self._show),
            ("PUT", r"/api/v1/tickets/(\d+)", self._update),
            ("GET", r"/api/v1/ticket_articles/by_ticket/(\d+)", self._articles),
            ("POST", "/api/v1/ticket_articles", self._write),
        ]
        for method, pattern, serve in routes:
            match = re.fullmatch(pattern, call.path)
            if match and method == call.method:
                return serve(call, *(int(part) for part in match.groups()))  # type: ignore[no-any-return]
        return Answer(404, {"error": "No route matches"})

    def _where(self, call: Call) -> Answer:
        found = list(self.tickets.values())
        for name, condition in call.body["condition"].items():
            attribute = name.removeprefix("ticket.")
            if attribute not in self.attributes:
                return _refused(f"Cannot build sql selector for {name}")
            found = [each for each in found if each[attribute] == condition["value"]]
        return Answer(200, found[: call.body.get("limit", 50)])

    def _search(self, call: Call) -> Answer:
        words = call.query.get("query", "").lower()
        found = [self.tickets[number] for number in sorted(self.indexed) if self._says(number, words)]
        return Answer(200, found[: int(call.query.get("limit", 50))])

    def _says(self, number: int, words: str) -> bool:
        # The index cuts words at dashes: it finds more than was asked for.
        text = f"{self.tickets[number]['title']}".lower()
        return any(part in text for part in words.split("-"))

    def _create(self, call: Call) -> Answer:
        body = call.body
        mail = MAIL.fullmatch(str(body.get("customer_id", "")))
        if body.get("group") not in {"Users", "Support"}:
            return _refused("Group can't be blank")
        if mail is None:
            return _refused("Invalid email of customer")
        if body.get("state", "new") not in STATES or body.get("priority", "2 normal") not in PRIORITIES:
            return _refused("No lookup value found")
        customer = self.customers.setdefault(mail[1], len(self.customers) + 100)
        number = next(self._ids)
        kept = {name: body.get(name, "") for name in self.attributes}
        named = {name: body[name] for name in ("title", "group")}
        state = {"state": body.get("state", "new"), "priority": body.get("priority", "2 normal")}
        self.tickets[number] = {
            "id": number,
            "number": f"22{number:03}",
            "customer_id": customer,
            **named,
            **state,
            **kept,
        }
        self.articles[number] = []
        self._add(number, body["article"])
        return Answer(201, self.tickets[number])

    def _show(self, _: Call, number: int) -> Answer:
        return Answer(200, self.tickets[number]) if number in self.tickets else _unknown()

    def _update(self, call: Call, number: int) -> Answer:
        if number not in self.tickets:
            return _unknown()
        if call.body.get("state") not in STATES:
            return _refused("No lookup value found for 'state'")
        self.tickets[number]["state"] = call.body["state"]
        return Answer(200, self.tickets[number])

    def _articles(self, _: Call, number: int) -> Answer:
        return Answer(200, self.articles[number]) if number in self.tickets else _unknown()

    def _write(self, call: Call) -> Answer:
        number = call.body.get("ticket_id")
        if number not in self.tickets:
            return _refused('Need at least article: { body: "some text" } and a ticket')
        return Answer(201, self._add(number, call.body))

    def person_writes(self, number: int, body: str, **fields: Json) -> dict[str, Json]:
        """Have somebody write into a ticket, an agent for everybody's eyes unless told otherwise."""
        article = {"subject": "", "type": "note", "internal": False, "content_type": "text/html", **fields}
        return self._add(number, {**article, "body": body})

    def _add(self, number: int, article: Json) -> dict[str, Json]:
        names = ("subject", "body", "type", "internal", "content_type", "created_at")
        kept = {"id": next(self._ids), "ticket_id": number, **{name: article.get(name) for name in names}}
        kept |= {"sender": article.get("sender", "Agent"), "created_by_id": 5}
        self.articles[number].append(kept)
        return kept


def _refused(words: str) -> Answer:
    return Answer(422, {"error": words, "error_human": words})


def _unknown() -> Answer:
    return Answer(404, {"error": "Couldn't find Ticket"})
