"""How a webhook is sent: to public addresses only, once, without following, for a limited time."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from pathlib import Path

import pytest

from peyk.adapters.webhooks import HttpWebhooks, WebhookAddresses
from peyk.adapters.webhooks.addresses import Address
from peyk.domain.webhooks import Reply
from peyk.errors import SettingsError
from tests.fakes.webhook_receiver import HUGE, Receiver

PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "::10.0.0.1",
    "64:ff9b::a00:1", "2002:a00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "fec0::1",
]  # fmt: skip
PRODUCTION = WebhookAddresses("", demo=False)
DEMO = WebhookAddresses("", demo=True)


def send(url: str, rules: WebhookAddresses = DEMO, timeout_s: float = 5, resolves: list[str] | None = None) -> Reply:
    async def once() -> Reply:
        sender = HttpWebhooks(rules, timeout_s, resolver(resolves) if resolves is not None else None)
        try:
            return await sender.send(url, {"X-One": "1"}, b'{"a":1}')
        finally:
            await sender.close()

    return asyncio.run(once())


def resolver(addresses: list[str]) -> Callable[[str, int], Awaitable[list[Address]]]:
    async def resolve(host: str, _port: int) -> list[Address]:
        if host.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [ip_address(address) for address in addresses]

    return resolve


def certified(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Make a certificate for a name, and let this process believe it and no other."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    options = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    names = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    made = subprocess.run(
        ["openssl", "req", *options, *names, "-keyout", key, "-out", certificate], capture_output=True, check=False
    )
    assert made.returncode == 0, made.stderr
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


class TestAddresses:
    def test_a_name_nobody_knows_is_called_so(self) -> None:
        assert send("https://shop.invalid/x", PRODUCTION, resolves=[]) == Reply(error="unknown_name")

    @pytest.mark.parametrize("address", PRIVATE)
    def test_what_is_not_public_is_not_told(self, address: str) -> None:
        host = f"[{address}]" if ":" in address else address
        assert PRODUCTION.refusal(f"https://{host}/x") == "not_public"
        # What its name says is known only when it is resolved.
        assert send("https://shop.example/x", PRODUCTION, resolves=[address]) == Reply(error="not_public")

    @pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111"])
    def test_what_is_public_may_be_told(self, address: str) -> None:
        assert PRODUCTION.may_reach(ip_address(address))

    def test_one_private_address_of_several_is_enough(self) -> None:
        assert send("https://shop.example/", PRODUCTION, resolves=["8.8.8.8", "10.0.0.1"]) == Reply(error="not_public")

    def test_a_name_without_an_address_is_not_told(self) -> None:
        assert send("https://shop.example/", PRODUCTION, resolves=[]) == Reply(error="not_public")

    def test_a_setting_allows_networks(self) -> None:
        rules = WebhookAddresses("10.0.0.0/8, 127.0.0.1", demo=False)
        assert rules.refusal("https://10.9.9.9/x") is None
        assert rules.refusal("https://192.168.0.1/x") == "not_public"
        assert rules.may_reach(ip_address("::ffff:10.0.0.1"))
        with pytest.raises(SettingsError, match="PEYK_WEBHOOK_ALLOW"):
            WebhookAddresses("everything", demo=False)

    @pytest.mark.parametrize("url", ["http://shop.example/", "http://127.0.0.1/", "ftp://shop.example/", "file:///etc"])
    def test_production_tells_by_https_only(self, url: str) -> None:
        assert PRODUCTION.refusal(url) in {"not_https", "bad_url"}

    @pytest.mark.parametrize("url", ["http://shop.example/", "http://10.0.0.1/", "http://127.0.0.1.example/"])
    def test_the_demo_tells_this_machine_without_https_and_no_other(self, url: str) -> None:
        assert DEMO.refusal(url) == "not_https"
        assert DEMO.refusal("http://127.0.0.1:9000/x") is None
        assert DEMO.refusal("http://localhost:9000/x") is None

    @pytest.mark.parametrize(
        "url",
        ["", "shop.example", "https://", "https:///x", "https://u:p@shop.example/", "https://@shop.example/",
         "https://shop.example/#x", "https://shop.example:99999/", "https://shop.example:x/", "https://shop .example/",
         "https://shop.example/\r\nX: 1", "https://shop.example\\@10.0.0.1/", "https://[::1", "https://فروشگاه.example/",
         "https://shop.example/" + "x" * 2000],
    )  # fmt: skip
    def test_what_is_no_address_is_not_told(self, url: str) -> None:
        assert PRODUCTION.refusal(url) == "bad_url"
        assert send(url, PRODUCTION, resolves=["8.8.8.8"]) == Reply(error="bad_url")

    def test_the_connection_goes_to_the_address_that_was_checked(self) -> None:
        with Receiver() as shop:
            # The name leads nowhere by itself.
            assert send(f"http://localhost:{shop.port}/x", resolves=["127.0.0.1"]) == Reply(status=200)
            assert shop.got[0].headers["host"] == f"localhost:{shop.port}"


class TestSending:
    def test_it_arrives_as_it_is(self) -> None:
        with Receiver() as shop:
            assert send(shop.url).good
            (got,) = shop.got
        assert (got.path, got.body, got.headers["x-one"]) == ("/peyk?x=1", b'{"a":1}', "1")

    @pytest.mark.parametrize("status", [201, 204, 400, 404, 410, 500])
    def test_the_status_is_told(self, status: int) -> None:
        with Receiver(status) as shop:
            reply = send(shop.url)
        assert reply == Reply(status=status)
        assert (reply.good, reply.gone) == (status < 300, status == 410)

    def test_a_wish_to_wait_is_told(self) -> None:
        with Receiver(503) as shop:
            assert send(shop.url) == Reply(status=503, retry_after_s=600)

    def test_a_redirect_is_not_followed(self) -> None:
        with Receiver("redirect") as shop:
            assert send(shop.url) == Reply(status=307)
            assert [got.path for got in shop.got] == ["/peyk?x=1"]

    @pytest.mark.parametrize("mode", ["slow", "drip"])
    def test_who_takes_too_long_is_left(self, mode: str) -> None:
        with Receiver(mode) as shop:
            assert send(shop.url, timeout_s=0.3) == Reply(error="timeout")

    def test_a_lost_connection_is_a_reply(self) -> None:
        with Receiver("reset") as shop:
            assert send(shop.url).error in {"ReadError", "RemoteProtocolError"}

    def test_nobody_there_is_a_reply(self) -> None:
        with Receiver() as shop:
            url = shop.url
        assert send(url) == Reply(error="ConnectError")

    def test_a_huge_answer_is_not_read(self) -> None:
        with Receiver("huge") as shop:
            assert send(shop.url) == Reply(status=200)
            assert shop.sent_bytes < HUGE

    def test_a_certificate_of_nobodys_is_not_believed(self) -> None:
        with Receiver() as shop:
            assert send(f"https://127.0.0.1:{shop.port}/x") == Reply(error="ConnectError")
            assert shop.got == []

    def test_the_certificate_has_to_be_that_of_the_name(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with Receiver(tls=certified("shop.example", tmp_path, monkeypatch)) as shop:
            assert send(f"https://shop.example:{shop.port}/", resolves=["127.0.0.1"]) == Reply(status=200)
            assert send(f"https://other.example:{shop.port}/", resolves=["127.0.0.1"]) == Reply(error="ConnectError")
            assert len(shop.got) == 1

    def test_a_name_that_is_none_is_a_reply(self) -> None:
        assert send("https://" + "a" * 70 + ".invalid/").error is not None
