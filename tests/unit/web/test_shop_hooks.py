"""The edge takes a shop's webhooks: kept before it says so, refused when forged, large where orders are large."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from peyk.errors import Unavailable
from peyk.ports import Clock
from peyk.ports.shops import ShopNews
from peyk.services.shop_connect import ShopDoors
from peyk.services.shop_news import ShopIntake
from peyk.store.shop_index import StoredShopIndex
from tests.contract.shop_subjects import woocommerce_subject
from tests.fakes.woocommerce import FakeWooCommerce
from tests.unit.web.conftest import Edge, StartEdge

PATH = "/hooks/shop/woocommerce"


@pytest.fixture
def shop() -> Iterator[FakeWooCommerce]:
    with woocommerce_subject() as subject:
        assert isinstance(subject.server, FakeWooCommerce)
        subject.server.webhooks = subject.shop.webhooks  # type: ignore[attr-defined]
        yield subject.server


@pytest.fixture
def edge(start_edge: StartEdge, shop: FakeWooCommerce) -> Edge:
    def doors(engine: Engine, clock: Clock) -> ShopDoors:
        index = StoredShopIndex(engine, "woocommerce", SecretStr("k" * 40))
        return ShopDoors(ShopIntake("woocommerce", shop.webhooks, index, clock))  # type: ignore[attr-defined]

    return start_edge(doors)


def index_of(edge: Edge) -> StoredShopIndex:
    return StoredShopIndex(edge.parts.engine, "woocommerce", SecretStr("k" * 40))


def post(edge: Edge, delivery: tuple[dict[str, str], bytes]) -> httpx.Response:
    headers, body = delivery
    return edge.client.post(PATH, content=body, headers=headers)


def test_an_order_is_in_the_index_when_the_answer_is_there(edge: Edge, shop: FakeWooCommerce) -> None:
    order = shop.add()
    delivery = shop.delivery(order)
    assert post(edge, delivery).status_code == 200
    assert index_of(edge).by_number(order["number"]) is not None
    assert post(edge, delivery).status_code == 200
    assert index_of(edge).count() == 1


def test_forged_ones_are_refused_and_change_nothing(edge: Edge, shop: FakeWooCommerce) -> None:
    answer = post(edge, shop.delivery(shop.add(), secret="another"))
    assert (answer.status_code, answer.content) == (401, b"")
    assert index_of(edge).count() == 0


def test_pings_are_answered(edge: Edge) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert edge.client.post(PATH, content=b"webhook_id=5", headers=form).status_code == 200


def test_a_large_order_is_taken_and_a_huge_one_is_not(edge: Edge, shop: FakeWooCommerce) -> None:
    meta = [{"id": i, "key": f"_note_{i}", "value": "x" * 1000} for i in range(300)]
    assert post(edge, shop.delivery(shop.add(meta_data=meta))).status_code == 200
    assert index_of(edge).count() == 1
    assert post(edge, shop.delivery(shop.add(meta_data=meta * 5))).status_code == 413


def test_without_a_shop_there_is_no_such_place(start_edge: StartEdge) -> None:
    edge = start_edge()
    assert edge.client.post(PATH, content=b"webhook_id=5").status_code == 404


def test_a_store_that_is_away_is_no_reason_to_say_it_was_kept(start_edge: StartEdge, shop: FakeWooCommerce) -> None:
    class Away(StoredShopIndex):
        def hear(self, news: ShopNews, now: object) -> bool:
            raise Unavailable("store", "locked")

    def doors(engine: Engine, clock: Clock) -> ShopDoors:
        index = Away(engine, "woocommerce", SecretStr("k" * 40))
        return ShopDoors(ShopIntake("woocommerce", shop.webhooks, index, clock))  # type: ignore[attr-defined]

    edge = start_edge(doors)
    assert post(edge, shop.delivery(shop.add())).status_code == 503
