"""A shop is connected by one click of its owner's: its keys come to a place that is good once, and stay private."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from peyk.adapters.orders import woocommerce
from peyk.adapters.plugin import Shop
from peyk.errors import AccessRefused
from peyk.services.shop_connect import ShopConnect, ShopDoors
from peyk.store.handoff import StoredTicks
from tests.contract.shop_subjects import Unknown, parts, woo_settings
from tests.fakes.woocommerce import KEY, SECRET, FakeWooCommerce
from tests.unit.services.fakes import FakeClock as ShopClock
from tests.unit.web.conftest import Edge, StartEdge

KEYS = {"key_id": 1, "user_id": "peyk", "consumer_key": KEY, "consumer_secret": SECRET, "key_permissions": "read"}
BODIES: list[object] = [
    {},
    [],
    "x",
    {"consumer_key": KEY},
    {**KEYS, "consumer_secret": 5},
    {**KEYS, "consumer_key": "a\nb"},
]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made: Shop = woocommerce.PLUGIN.make(
        woo_settings("https://shop.example", key="", secret=""), parts(ShopClock(), Unknown(), data_dir=tmp_path)
    )
    return made


@pytest.fixture
def edge(start_edge: StartEdge, shop: Shop) -> Edge:
    assert shop.keys is not None
    keys = shop.keys
    return start_edge(
        lambda engine, clock: ShopDoors(
            connect=ShopConnect("woocommerce", keys, StoredTicks(engine), clock, SecretStr("k" * 40))
        )
    )


def begun(edge: Edge) -> str:
    """Return the path to which the shop would send its keys."""
    assert edge.parts.shop_doors.connect is not None
    address = urlsplit(edge.parts.shop_doors.connect.begin("https://peyk.example/"))
    assert (address.netloc, address.path) == ("shop.example", "/wc-auth/v1/authorize")
    asked = parse_qs(address.query)
    assert (asked["scope"], asked["app_name"]) == (["read"], ["Peyk"])
    assert asked["return_url"][0].startswith("https://peyk.example/")
    return asked["callback_url"][0].removeprefix("https://peyk.example")


def sent(edge: Edge, path: str, body: object = None) -> httpx.Response:
    return edge.client.post(path, content=json.dumps(KEYS if body is None else body))


def kept(tmp_path: Path) -> Path:
    return tmp_path / "shops" / "woocommerce.json"


def test_the_keys_are_kept_for_their_owner_alone(edge: Edge, tmp_path: Path) -> None:
    assert sent(edge, begun(edge)).status_code == 200
    assert json.loads(kept(tmp_path).read_text()) == {"key": KEY, "secret": SECRET}
    assert stat.S_IMODE(kept(tmp_path).stat().st_mode) == 0o600
    assert stat.S_IMODE(kept(tmp_path).parent.stat().st_mode) == 0o700
    assert [path.name for path in kept(tmp_path).parent.iterdir()] == ["woocommerce.json"]
    assert edge.client.get("/hooks/shop/woocommerce/keys/done").status_code == 200


def test_a_place_is_good_once(edge: Edge, tmp_path: Path) -> None:
    path = begun(edge)
    assert sent(edge, path).status_code == 200
    assert sent(edge, path, {**KEYS, "consumer_key": "ck_of_somebody_else"}).status_code == 403
    assert json.loads(kept(tmp_path).read_text())["key"] == KEY


def test_and_not_for_ever(edge: Edge, tmp_path: Path) -> None:
    path = begun(edge)
    edge.parts.clock.advance(minutes=31)
    assert sent(edge, path).status_code == 403
    assert not kept(tmp_path).exists()


def test_a_place_nobody_made_is_none(edge: Edge, tmp_path: Path) -> None:
    path = begun(edge)
    # Not the last letter: some of its bits stand for nothing.
    changed = path[:-3] + ("a" if path[-3] != "a" else "b") + path[-2:]
    for other in (path[:-1], changed, "/hooks/shop/woocommerce/keys/x.y"):
        assert sent(edge, other).status_code == 403
    assert not kept(tmp_path).exists()


@pytest.mark.parametrize("body", BODIES)
def test_what_are_no_keys_is_not_kept(edge: Edge, tmp_path: Path, body: object) -> None:
    assert sent(edge, begun(edge), body).status_code == 403
    assert not kept(tmp_path).exists()


def test_they_are_used_without_a_restart(tmp_path: Path) -> None:
    clock = ShopClock()
    with FakeWooCommerce(clock.now) as server:
        server.add()
        own = woo_settings(server.url, key="", secret="")
        shop: Shop = woocommerce.PLUGIN.make(own, parts(clock, Unknown(), data_dir=tmp_path))
        assert shop.feed is not None
        assert shop.keys is not None
        with pytest.raises(AccessRefused):
            shop.feed.page(None, None)
        shop.keys.take(json.dumps({**KEYS, "consumer_secret": "cs_old"}).encode())
        with pytest.raises(AccessRefused) as caught:
            shop.feed.page(None, None)
        assert "cs_old" not in str(caught.value)
        shop.keys.take(json.dumps(KEYS).encode())
        assert len(shop.feed.page(None, None).orders) == 1
