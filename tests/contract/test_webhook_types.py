"""A genuine webhook with a field of the wrong kind: read, or told to be unreadable, never an error of ours."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Engine

from peyk.errors import BadAnswer
from peyk.ports.shops import ShopWebhooks
from peyk.services.shop_news import ShopIntake, Taken
from tests.contract.shop_subjects import SUBJECTS, Subject, indexed
from tests.fakes.shopify import FakeShopify
from tests.fakes.woocommerce import FakeWooCommerce

Json = Any
Path = tuple[str | int, ...]
WRONG: tuple[Json, ...] = (
    *(None, True, 0, -1, 5, 1.5, 10**30, float("nan"), "", "x", "\u0000", "1e-999999", "0001-01-01T00:00:00+14:00"),
    *("9999-12-31T23:59:59-12:00", [], [5], ["x"], [[]], [{}], {}, {"x": 1}, {"x": []}),
)


@dataclass
class Signed:
    """A body of each topic, and how the shop signs one."""

    subject: Subject
    bodies: dict[str, Json]
    deliver: Callable[[Json, str], tuple[dict[str, str], bytes]]

    @property
    def webhooks(self) -> ShopWebhooks:
        """What reads them."""
        assert self.subject.shop.webhooks is not None
        return self.subject.shop.webhooks


def of_woocommerce(subject: Subject) -> Signed:
    server = subject.server
    assert isinstance(server, FakeWooCommerce)
    order = server.add(refunds=[{"id": 3, "total": "-1000"}], payment_method="cod")
    server.ship(order["id"], "1" * 24)
    bodies = {"order.updated": order, "order.deleted": {"id": order["id"]}}
    return Signed(subject, bodies, server.signed)


def of_shopify(subject: Subject) -> Signed:
    server = subject.server
    assert isinstance(server, FakeShopify)
    order = server.add(billingAddress={"name": "Sara", "phone": "09121234567"})
    server.ship(int(order["legacyResourceId"]), "A1", "B2")
    back = {"kind": "refund", "status": "success", "amount": "20.00", "currency": "USD"}
    body = {**server.rest(order), "refunds": [{"created_at": order["createdAt"], "transactions": [back]}]}
    protection = {"shop_id": 5, "customer": {"id": 7, "phone": "09121234567"}}
    bodies = {
        "orders/updated": body,
        "orders/delete": {"id": body["id"]},
        "customers/redact": {**protection, "orders_to_redact": [body["id"]]},
        "customers/data_request": {**protection, "orders_requested": [body["id"]]},
        "shop/redact": {"shop_id": 5},
    }
    return Signed(subject, bodies, lambda body, topic: server.delivery(body, "w1", topic))


MAKE: dict[str, Callable[[Subject], Signed]] = {"woocommerce": of_woocommerce, "shopify": of_shopify}


@pytest.fixture(params=MAKE)
def signed(request: pytest.FixtureRequest) -> Iterator[Signed]:
    with SUBJECTS[request.param]() as subject:
        yield MAKE[request.param](subject)


def places(body: Json, here: Path = ()) -> Iterator[Path]:
    """Yield the way to everything in a body."""
    yield here
    inner = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for name, value in inner:
        yield from places(value, (*here, name))


def replaced(body: Json, where: Path, value: Json) -> Json:
    if not where:
        return value
    changed = copy.deepcopy(body)
    holder = changed
    for name in where[:-1]:
        holder = holder[name]
    holder[where[-1]] = value
    return changed


def test_every_shop_with_webhooks_is_here() -> None:
    found = set()
    for name, subject in SUBJECTS.items():
        with subject() as made:
            found |= {name} if made.shop.webhooks is not None else set()
    assert found == set(MAKE)


def test_a_field_of_the_wrong_kind_is_unreadable_at_most(signed: Signed) -> None:
    readable = 0
    for topic, body in signed.bodies.items():
        assert signed.webhooks.read(*signed.deliver(body, topic)).delivery_id
        for where in places(body):
            for value in WRONG:
                try:
                    signed.webhooks.read(*signed.deliver(replaced(body, where, value), topic))
                    readable += 1
                except BadAnswer:
                    continue
                except Exception as exc:
                    raise AssertionError(f"{topic}: {where} = {value!r}") from exc
    assert readable


def test_what_can_be_read_can_be_kept(signed: Signed, engine_of: Callable[[str], Engine]) -> None:
    made = indexed(signed.subject, engine_of("sqlite"))
    intake = ShopIntake(signed.subject.feed.system, signed.webhooks, made.index, signed.subject.clock)
    topic, body = next(iter(signed.bodies.items()))
    taken = {intake.take(*signed.deliver(replaced(body, (name,), value), topic)) for name in body for value in WRONG}
    assert taken <= {Taken.KEPT, Taken.NOTHING, Taken.UNREADABLE}
