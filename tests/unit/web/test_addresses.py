"""Where a request comes from, and limits that several edges count together."""

from __future__ import annotations

import asyncio
import secrets
import socket

import pytest
from pydantic import SecretStr
from starlette.requests import HTTPConnection

from peyk.errors import SettingsError, Throttled
from peyk.settings import Settings
from peyk.web.addresses import ClientAddresses
from peyk.web.bursts import Bursts, Windows

KEY = SecretStr("k" * 40)


def connection(peer: str | None, *forwarded: str) -> HTTPConnection:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    client = (peer, 5) if peer else None
    return HTTPConnection({"type": "http", "headers": headers, "client": client})


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "expected"),
    [
        ("", "203.0.113.7", [], "203.0.113.7"),
        ("", "203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
        ("10.0.0.0/8", "10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.0/8", "10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.0/8", "203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
        ("10.0.0.0/8, 192.0.2.4", "10.0.0.1", ["198.51.100.1, 192.0.2.4"], "198.51.100.1"),
        ("10.0.0.0/8", "10.0.0.1", ["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.0/8", "10.0.0.1", ["1.1.1.1", "198.51.100.1"], "198.51.100.1"),
        ("10.0.0.0/8", "10.0.0.1", ["nonsense"], "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.1", ["198.51.100.1, nonsense"], "10.0.0.1"),
        ("10.0.0.0/8", "::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("::1", "::1", ["[2001:db8::5]"], "2001:db8::5"),
        ("", None, [], None),
    ],
)
def test_the_nearest_untrusted_address_counts(
    trusted: str, peer: str | None, forwarded: list[str], expected: str | None
) -> None:
    found = ClientAddresses(trusted, KEY).of(connection(peer, *forwarded))
    assert (str(found) if found else None) == expected


def test_only_a_keyed_hash_goes_further() -> None:
    addresses = ClientAddresses("", KEY)
    hashed = addresses.hashed(connection("203.0.113.7"))
    assert hashed == addresses.hashed(connection("203.0.113.7"))
    assert hashed != addresses.hashed(connection("203.0.113.8"))
    assert hashed != ClientAddresses("", SecretStr("other" * 8)).hashed(connection("203.0.113.7"))
    assert "203" not in hashed[:3]


def test_ipv6_counts_by_network() -> None:
    addresses = ClientAddresses("", KEY)
    one = addresses.hashed(connection("2001:db8:0:1::5"))
    assert one == addresses.hashed(connection("2001:db8:0:1:ffff::9"))
    assert one != addresses.hashed(connection("2001:db8:0:2::5"))


def test_a_bad_setting_says_its_name() -> None:
    with pytest.raises(SettingsError, match="PEYK_TRUSTED_PROXIES"):
        ClientAddresses("10.0.0.0/8, proxy.example", KEY)


def settings(redis_url: str) -> Settings:
    return Settings(burst_per_sender=2, burst_window_s=30, redis_url=redis_url)


def test_windows_move_and_forget() -> None:
    times = [0.0, 4.0, 4.0, 9.5, 10.0, 10.0, 30.0]
    windows = Windows(10, lambda: times.pop(0))
    windows.hit("sender", "ali", 2)
    windows.hit("sender", "ali", 2)
    for wait in (6, 1):
        with pytest.raises(Throttled) as caught:
            windows.hit("sender", "ali", 2)
        assert (caught.value.scope, caught.value.retry_after_s) == ("sender", wait)
    windows.hit("sender", "ali", 2)
    windows.hit("address", "ali", 1)
    assert len(windows) == 2
    windows.hit("sender", "sara", 1)
    assert len(windows) == 1


def test_edges_with_redis_count_together(redis_url: str) -> None:
    sender = secrets.token_hex(8)

    async def run() -> None:
        one, two = Bursts(settings(redis_url)), Bursts(settings(redis_url))
        await one.count_sender(sender)
        await two.count_sender(sender)
        with pytest.raises(Throttled) as caught:
            await one.count_sender(sender)
        assert 1 <= caught.value.retry_after_s <= 30
        await one.count_address(sender)
        await one.close()
        await two.close()

    asyncio.run(run())


def test_without_redis_an_edge_counts_for_itself() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        free = listening.getsockname()[1]

    async def run() -> None:
        bursts = Bursts(settings(f"redis://127.0.0.1:{free}/0"))
        await bursts.count_sender("ali")
        await bursts.count_sender("ali")
        with pytest.raises(Throttled):
            await bursts.count_sender("ali")
        await bursts.close()

    asyncio.run(run())
