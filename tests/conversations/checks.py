"""What the tests of failures, abuse and garbage look at: whole answers, sentences, secrets, and the records behind."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx
import yaml
from pydantic import SecretStr
from sqlalchemy import Engine, create_engine, select, text

from peyk.adapters.demo_shop import tables as shop
from peyk.channels.rest import conversation_id
from peyk.store.engine import make_engine
from peyk.text.digits import to_ascii_digits
from peyk.tls import trusted
from tests.conversations.conftest import SCHEMA
from tests.stack import ANSWER_TIMEOUT_S, ROOT, WEBHOOK, Answer, Stack

T = TypeVar("T")
R = TypeVar("R")

LANGUAGES = ("fa", "en")
PLACEHOLDER = re.compile(r"\\{\w+\\}")
# What a customer never gets to read: the inside of programs.
INSIDE = re.compile(
    r"Traceback|File \"|line \d+, in |\.py\b|Error:|Exception|sqlalchemy|sqlite3|psycopg|aiohttp|action_\w+|utter_\w+"
    r"|None\b|\{\w*\}|slot|tracker",
    re.IGNORECASE,
)


def _sentences() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for path in sorted((ROOT / "data/responses").glob("*.yml")):
        for key, variants in yaml.safe_load(path.read_text(encoding="utf-8"))["responses"].items():
            found[key] = {variant["condition"][0]["value"]: variant["text"] for variant in variants}
    edge: dict[str, dict[str, str]] = yaml.safe_load((ROOT / "peyk/i18n/texts/edge.yml").read_text(encoding="utf-8"))
    return found | edge


SENTENCES = _sentences()
# They show what a mobile looks like, by numbers some customers of the demo shop have.
EXAMPLES = tuple(to_ascii_digits(text) for text in SENTENCES["utter_identity_bad_mobile"].values())


def says(answer: Answer, key: str, language: str) -> re.Match[str] | None:
    """Find a sentence of the project in an answer, whatever stands in the places of its values."""
    pattern = PLACEHOLDER.sub("(.+?)", re.escape(SENTENCES[key][language]))
    return re.search(f"^{pattern}$", answer.text, re.MULTILINE)


def checked(answer: Answer, *allowed: int) -> Answer:
    """Return an answer that is whole: the published shape, a status that is expected, nothing of the inside."""
    SCHEMA.validate(answer.messages)
    assert answer.status in (allowed or (200,)), (answer.status, answer.text)
    assert answer.text.strip()
    assert not INSIDE.search(answer.text), answer.text
    return answer


def post(client: httpx.Client, body: bytes | dict[str, Any], headers: dict[str, str] | None = None) -> Answer:
    """Post a body as it is; an object is written with `\\uXXXX` escapes, which may be halves of characters."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = client.post(WEBHOOK, content=content, headers={"Content-Type": "application/json", **(headers or {})})
    messages = response.json()
    assert isinstance(messages, list), messages
    return Answer(response.status_code, messages, response.headers)


@contextmanager
def from_address(stack: Stack, address: str) -> Iterator[httpx.Client]:
    """Give a client that comes from another address of this machine: limits know it by that."""
    transport = httpx.HTTPTransport(local_address=address, retries=1, verify=trusted())
    with httpx.Client(base_url=stack.programs.url, transport=transport, timeout=ANSWER_TIMEOUT_S) as client:
        yield client


def loopback() -> str:
    """Return an address of this machine that nobody else uses."""
    return f"127.{secrets.randbelow(200) + 20}.{secrets.randbelow(256)}.{secrets.randbelow(254) + 1}"


def new_sender(what: str = "customer") -> str:
    """Return a sender nobody has used."""
    return f"{what}-{secrets.token_hex(6)}"


def at_once(function: Callable[[T], R], items: Sequence[T], workers: int = 8) -> list[R]:
    """Call `function` for all items, `workers` at a time; results in the order of the items."""
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(function, items))


def without_tokens(answer: Answer) -> list[dict[str, Any]]:
    """Return the messages with what differs in every answer taken out: sender and button tokens."""
    plain = json.loads(re.sub(r'"b:[\w-]{16}"', '"token"', json.dumps(answer.messages)))
    return [{name: value for name, value in message.items() if name != "recipient_id"} for message in plain]


def level(answer: Answer) -> int:
    """Return the highest level any message of an answer was given at; 1 when none says."""
    given = [message.get("custom", {}).get("security", {}).get("level", 1) for message in answer.messages]
    return max(given, default=1)


def wrong_code(right: Iterable[str]) -> str:
    """Return six digits that are none of the right codes."""
    taken = set(right)
    return next(code for code in iter(lambda: f"{secrets.randbelow(10**6):06d}", "") if code not in taken)


def conversation_of(stack: Stack, sender: str) -> str:
    """Return the id a demo sender's conversation has in the records."""
    return conversation_id(SecretStr(stack.programs.secret_key), "demo", sender)


@contextmanager
def store_of(stack: Stack) -> Iterator[Engine]:
    """Open the store of a stack as its processes do."""
    environment = stack.programs.env()
    url = environment.get("PEYK_DATABASE_URL") or f"sqlite:///{stack.programs.data_dir / 'peyk.db'}"
    engine = make_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def rows(stack: Stack, query: str, **values: Any) -> list[tuple[Any, ...]]:
    """Return what the store of a stack answers."""
    with store_of(stack) as engine, engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]


def rasa_events(stack: Stack, sender: str) -> list[dict[str, Any]]:
    """Return the events of Rasa's tracker of a demo sender, oldest first."""
    url = stack.programs.env()["PEYK_TRACKER_URL"].replace("+psycopg2", "+psycopg")
    engine = create_engine(url)
    query = text("SELECT data FROM events WHERE sender_id = :sender ORDER BY id")
    try:
        with engine.connect() as connection:
            found = connection.execute(query, {"sender": conversation_of(stack, sender)})
            return [json.loads(row.data) for row in found]
    finally:
        engine.dispose()


def heard(stack: Stack, sender: str) -> list[str]:
    """Return the messages Rasa has taken from a sender, oldest first."""
    return [event["text"] for event in rasa_events(stack, sender) if event["event"] == "user" and event.get("text")]


def secrets_of(stack: Stack, *, besides: str = "") -> set[str]:
    """Return what is known of the shop's customers and their parcels, without that of the mobile `besides`."""
    orders, items, parcels = shop.orders, shop.order_items, shop.shipments
    with store_of(stack) as engine, engine.connect() as connection:
        people = connection.execute(select(orders.c.number, orders.c.mobile, orders.c.customer_name, orders.c.address))
        by_number = {row.number: row for row in people}
        private = {(row.number, value) for row in by_number.values() for value in row[1:]}
        for item in connection.execute(select(items.c.order_number, items.c.title_fa, items.c.title_en)):
            private |= {(item.order_number, item.title_fa), (item.order_number, item.title_en)}
        for parcel in connection.execute(select(parcels.c.order_number, parcels.c.code)):
            private.add((parcel.order_number, parcel.code))
    own = {value for number, value in private if by_number[number].mobile == besides}
    return {value for _, value in private} - own


def leaks(answer: Answer, private: Iterable[str], typed: str = "") -> list[str]:
    """Return the secrets an answer gives away that were not in the question; its digits may be of any script."""
    whole = to_ascii_digits(json.dumps(answer.messages, ensure_ascii=False))
    for sentence in EXAMPLES:
        whole = whole.replace(sentence, "")
    return [secret for secret in private if to_ascii_digits(secret) in whole and secret not in typed]
