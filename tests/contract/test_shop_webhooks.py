"""Webhooks of shops: genuine ones alone, once each, in any order."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import structlog
from sqlalchemy import Engine

from peyk.errors import BadAnswer
from peyk.ports.shops import Forged, NewsKind, ShopWebhooks
from peyk.services.shop_news import ShopIntake, Taken
from tests.contract.shop_subjects import Subject, indexed, woocommerce_subject
from tests.fakes.woocommerce import WEBHOOK_SECRET, FakeWooCommerce
from tests.unit.services.fakes import NOW


@pytest.fixture
def subject() -> Iterator[Subject]:
    with woocommerce_subject() as made:
        yield made


@pytest.fixture
def shop(subject: Subject) -> FakeWooCommerce:
    assert isinstance(subject.server, FakeWooCommerce)
    return subject.server


@pytest.fixture
def webhooks(subject: Subject) -> ShopWebhooks:
    assert subject.shop.webhooks is not None
    return subject.shop.webhooks


def signed(body: bytes, topic: str = "order.updated") -> dict[str, str]:
    digest = hmac.new(WEBHOOK_SECRET.encode(), body, hashlib.sha256).digest()
    signature = base64.b64encode(digest).decode()
    return {"X-WC-Webhook-Signature": signature, "X-WC-Webhook-Topic": topic, "X-WC-Webhook-Delivery-ID": "d1"}


def test_an_order_is_the_same_by_webhook_and_by_api(
    subject: Subject, webhooks: ShopWebhooks, shop: FakeWooCommerce
) -> None:
    order = shop.add()
    news = webhooks.read(*shop.delivery(order, "order.created"))
    assert (news.kind, news.source_id) == (NewsKind.CHANGED, str(order["id"]))
    assert news.order == subject.feed.one(str(order["id"]))


def test_headers_are_read_in_any_case(webhooks: ShopWebhooks, shop: FakeWooCommerce) -> None:
    headers, body = shop.delivery(shop.add())
    assert webhooks.read({name.lower(): value for name, value in headers.items()}, body) == webhooks.read(headers, body)


def test_orders_that_change_in_one_second_are_news_of_their_own(
    subject: Subject, shop: FakeWooCommerce, engine_of: Callable[[str], Engine], webhooks: ShopWebhooks
) -> None:
    made = indexed(subject, engine_of("sqlite"))
    intake = ShopIntake("woocommerce", webhooks, made.index, subject.clock)
    several = [shop.delivery(shop.add(), "order.created") for _ in range(3)]
    # WooCommerce's own id of a delivery knows the second alone.
    assert len({headers["X-WC-Webhook-Delivery-ID"] for headers, _ in several}) == 1
    assert [intake.take(*each) for each in [*several, *several]] == [Taken.KEPT] * 3 + [Taken.NOTHING] * 3
    assert made.index.count() == 3


def test_the_same_words_a_second_later_are_another_delivery(
    subject: Subject, shop: FakeWooCommerce, webhooks: ShopWebhooks
) -> None:
    # Deleted, brought back, deleted again: all that is signed is the order's id.
    order = shop.add()
    first = webhooks.read(*shop.delivery(order, "order.deleted"))
    subject.clock.advance(seconds=1)
    assert webhooks.read(*shop.delivery(order, "order.deleted")).delivery_id != first.delivery_id


@pytest.mark.parametrize("status", ["trash", "checkout-draft"])
def test_what_is_no_order_any_more_is_deleted(webhooks: ShopWebhooks, shop: FakeWooCommerce, status: str) -> None:
    order = shop.add(status=status)
    assert webhooks.read(*shop.delivery(order)).kind is NewsKind.DELETED
    assert webhooks.read(*shop.delivery(shop.add(), "order.deleted")).kind is NewsKind.DELETED


def test_a_whole_order_deletes_nothing_whatever_its_topic(webhooks: ShopWebhooks, shop: FakeWooCommerce) -> None:
    # The topic is not signed.
    headers, body = shop.delivery(shop.add())
    assert webhooks.read({**headers, "X-WC-Webhook-Topic": "order.deleted"}, body).kind is NewsKind.CHANGED


def test_forged_ones_are_refused(webhooks: ShopWebhooks, shop: FakeWooCommerce) -> None:
    order = shop.add()
    headers, body = shop.delivery(order)
    forged = [
        ({name: value for name, value in headers.items() if "Signature" not in name}, body),
        ({**headers, "X-WC-Webhook-Signature": ""}, body),
        ({**headers, "X-WC-Webhook-Signature": "\u067e\u06cc\u06a9"}, body),
        (headers, body + b" "),
        (headers, body.replace(b"processing", b"cancelled")),
        shop.delivery(order, secret="another"),
        shop.delivery(order, secret=""),
        ({}, b"webhook_id=5&x=1"),
    ]
    for each in forged:
        with pytest.raises(Forged):
            webhooks.read(*each)


@pytest.mark.parametrize("body", [b"webhook_id=5", b"webhook_id=123456\n"])
def test_a_ping_says_nothing(webhooks: ShopWebhooks, body: bytes) -> None:
    assert webhooks.read({"Content-Type": "application/x-www-form-urlencoded"}, body).kind is NewsKind.PING


@pytest.mark.parametrize("topic", ["product.updated", "customer.created", "action.wc_x", ""])
def test_other_news_say_nothing(webhooks: ShopWebhooks, topic: str) -> None:
    body = json.dumps({"id": 4}).encode()
    assert webhooks.read(signed(body, topic), body).kind is NewsKind.PING


@pytest.mark.parametrize(
    "body", [b"{", b'{"id": "4"}', b'{"id": 4}', b'{"status": "processing"}', b"\xff\xfe", b"[" * 9999]
)
def test_genuine_ones_that_cannot_be_read_say_so(webhooks: ShopWebhooks, body: bytes) -> None:
    with pytest.raises(BadAnswer):
        webhooks.read(signed(body), body)


def test_what_is_taken(subject: Subject, shop: FakeWooCommerce, engine: Engine, webhooks: ShopWebhooks) -> None:
    made = indexed(subject, engine)
    intake = ShopIntake("woocommerce", webhooks, made.index, subject.clock)
    first = shop.add()
    early = shop.delivery(first, "order.created")
    subject.clock.advance(seconds=30)
    late = shop.delivery(shop.ship(first["id"], "1" * 24))
    assert [intake.take(*each) for each in (late, early, late, early)] == [
        Taken.KEPT, Taken.KEPT, Taken.NOTHING, Taken.NOTHING,
    ]  # fmt: skip
    assert made.index.by_code("1" * 24) is not None
    assert intake.take(*shop.delivery(first, secret="another")) is Taken.FORGED
    assert intake.take({}, b"webhook_id=5") is Taken.NOTHING
    assert intake.take(signed(b"{"), b"{") is Taken.UNREADABLE
    assert intake.take(*shop.delivery(first, "order.deleted")) is Taken.KEPT
    assert made.index.count() == 0
    assert intake.counts == {Taken.KEPT: 3, Taken.NOTHING: 3, Taken.FORGED: 1, Taken.UNREADABLE: 1}


def test_what_was_heard_is_as_old_as_the_change_it_tells(
    subject: Subject, shop: FakeWooCommerce, engine_of: Callable[[str], Engine], webhooks: ShopWebhooks
) -> None:
    made = indexed(subject, engine_of("sqlite"))
    headers, body = shop.delivery(shop.add())
    # wp-cron is late on a quiet site.
    subject.clock.advance(hours=2)
    ShopIntake("woocommerce", webhooks, made.index, subject.clock).take(headers, body)
    one = made.index.by_suffix("104200", 1)[0]
    assert one.seen_at == NOW
    assert subject.clock.now() - one.seen_at == timedelta(hours=2)


def test_no_line_of_the_log_holds_a_body(
    subject: Subject, shop: FakeWooCommerce, engine_of: Callable[[str], Engine], webhooks: ShopWebhooks
) -> None:
    intake = ShopIntake("woocommerce", webhooks, indexed(subject, engine_of("sqlite")).index, subject.clock)
    headers, body = shop.delivery(shop.add(), secret="another")
    with structlog.testing.capture_logs() as lines:
        intake.take(headers, body)
        intake.take(signed(b'{"id": 3, "number": "TS-77"}'), b'{"id": 3, "number": "TS-77"}')
    assert [line["why"] for line in lines] == ["forged", "unreadable"]
    assert not any(word in str(lines) for word in ("Sara", "TS-", "912", headers["X-WC-Webhook-Signature"]))


def test_without_a_secret_there_are_no_webhooks() -> None:
    with woocommerce_subject(webhook_secret="") as subject:
        assert subject.shop.webhooks is None
