"""The shop on the command line: the first fill, resumed when interrupted, and how the index stands."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.fakes.vendor_http import Fault
from tests.fakes.woocommerce import KEY, SECRET, FakeWooCommerce
from tests.unit.ops.cli_steps import Run


@pytest.fixture
def shop() -> Iterator[FakeWooCommerce]:
    with FakeWooCommerce(lambda: datetime.now(UTC)) as server:
        for _ in range(45):
            server.add()
        yield server


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("peyk.cli.shop.time.sleep", lambda seconds: None)


def connected(server: FakeWooCommerce) -> dict[str, str]:
    return {
        "shop": "woocommerce",
        "woocommerce_url": server.url,
        "woocommerce_key": KEY,
        "woocommerce_secret": SECRET,
        "woocommerce_page_size": "10",
        "systems_tries": "1",
    }


def test_without_a_shop_it_says_so(run: Run) -> None:
    done = run("shop", "status")
    assert (done.code, done.err) == (2, "peyk: PEYK_SHOP: no shop is connected: docs/connect.md\n")


def test_a_first_fill_and_how_it_stands(run: Run, shop: FakeWooCommerce) -> None:
    assert run("migrate", **connected(shop)).code == 0
    assert "first fill: not begun; `peyk shop fill` does it" in run("shop", "status").out
    done = run("shop", "fill")
    assert (done.code, done.err) == (0, "")
    assert "45/45" in done.out
    assert done.out.endswith("the index has 45 orders of woocommerce\n")
    shown = run("shop", "status").out.splitlines()
    assert shown[0] == "woocommerce: 45 orders in the index"
    assert shown[1].startswith("last look: 20")
    assert shown[2] == "webhooks: none (no secret is set)"


def test_it_is_patient_for_a_while_and_resumes_where_it_gave_up(run: Run, shop: FakeWooCommerce) -> None:
    run("migrate", **connected(shop))
    shop.fail(Fault.SERVER_ERROR, times=3)
    pages = 0

    def break_down() -> None:
        nonlocal pages
        pages += 1
        if pages == 3:
            shop.fail(Fault.SERVER_ERROR, times=99)

    shop.before_page = break_down
    given_up = run("shop", "fill", breaker_failures="1000")
    assert given_up.code == 1
    assert "HTTP 500" in given_up.err
    status = run("shop", "status")
    assert (status.code, "first fill: 30 of 45 read" in status.out, "HTTP 500" in status.err) == (1, True, True)
    shop.mend()
    calls = len(shop.calls)
    assert run("shop", "fill").out.endswith("the index has 45 orders of woocommerce\n")
    assert shop.calls[calls].query["offset"] == "15"


def test_an_interruption_keeps_what_was_read(run: Run, shop: FakeWooCommerce) -> None:
    run("migrate", **connected(shop))
    asked: list[float] = []

    def interrupt() -> None:
        asked.append(time.monotonic())

    shop.before_page = interrupt
    with pytest.MonkeyPatch.context() as patch:

        def stop(*_: object, **__: object) -> None:
            if len(asked) == 2:
                raise KeyboardInterrupt

        patch.setattr("rich.progress.Progress.update", stop)
        done = run("shop", "fill")
    assert (done.code, "goes on from there" in done.err) == (1, True)
    assert run("shop", "fill").code == 0
    assert run("shop", "status").out.startswith("woocommerce: 45 orders in the index\n")


def test_doctor_and_adapters_know_it(run: Run, shop: FakeWooCommerce) -> None:
    run("migrate", **connected(shop))
    line = next(line for line in run("doctor").out.splitlines() if " shop " in line)
    assert line.startswith("ok    shop      woocommerce  reachable; credentials taken")
    assert "read: order TS-" in line
    assert "PEYK_WOOCOMMERCE_WEBHOOK_SECRET" in run("adapters").out
    wrong = run("doctor", woocommerce_secret="cs_of_nobody")
    assert wrong.code == 1
    assert "credentials refused" in wrong.out
    assert "cs_of_nobody" not in wrong.out + wrong.err
    none = run("doctor", woocommerce_key="", woocommerce_secret="")
    assert (none.code, "there is no key yet: `peyk shop connect woocommerce`" in none.out) == (1, True)


def test_connecting_prints_where_the_owner_agrees(run: Run, shop: FakeWooCommerce) -> None:
    settings = {"shop": "woocommerce", "woocommerce_url": shop.url, "secret_key": "k" * 40}
    done = run("shop", "connect", "woocommerce", "--edge", "https://peyk.example/", **settings)
    assert (done.code, done.err) == (0, "")
    line = done.out.splitlines()[2].strip()
    assert line.startswith(f"{shop.url}/wc-auth/v1/authorize?app_name=Peyk&scope=read")
    assert "callback_url=https%3A%2F%2Fpeyk.example%2Fhooks%2Fshop%2Fwoocommerce%2Fkeys%2F" in line
    for edge in ("http://peyk.example", "peyk.example", "https://peyk.example/?a=b"):
        assert run("shop", "connect", "woocommerce", "--edge", edge).code == 2
    assert run("shop", "connect", "shopify", "--edge", "https://peyk.example").code == 2
