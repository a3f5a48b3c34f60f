"""`peyk keys` and `peyk webhooks`: what they print, and their exit codes."""

from __future__ import annotations

import re

import pytest

from tests.fakes.webhook_receiver import Receiver
from tests.unit.ops.cli_steps import Result, Run

SHOP = "https://shop.example/peyk"


@pytest.fixture
def key_id(run: Run) -> str:
    run("migrate")
    run("keys", "add", "shop")
    return run("keys", "list").out.split()[0]


def added(run: Run, *options: str, **settings: str) -> str:
    result = run("webhooks", "add", *options, **settings)
    made = re.fullmatch(r"(wh_[0-9a-f]{16})  whsec_[0-9a-f]{64}\n", result.out)
    assert made, result
    return made[1]


def test_a_key_has_the_scopes_it_was_given(run: Run, key_id: str) -> None:
    assert "  never used             messages:write,conversations:read  shop" in run("keys", "list").out
    run("keys", "add", "few", "--scope", "webhooks:manage", "--scope", "messages:write")
    assert "messages:write,webhooks:manage  few" in run("keys", "list").out
    assert run("keys", "scope", key_id, "webhooks:manage") == Result(0, f"{key_id} is good for webhooks:manage\n", "")
    assert run("keys", "list").out.splitlines()[0].endswith("webhooks:manage  shop")


@pytest.mark.parametrize("command", [("add", "shop", "--scope", "all"), ("scope", "x"), ("scope", "x", "all")])
def test_a_scope_nobody_knows_is_refused(run: Run, command: tuple[str, ...]) -> None:
    assert run("keys", *command).code == 2


def test_a_key_that_is_none_has_no_scopes(run: Run, key_id: str) -> None:
    result = run("keys", "scope", "nobody", "messages:write")
    assert (result.code, result.err) == (1, "peyk: no key in force has the id nobody: see `peyk keys list`\n")


def test_a_webhook_is_made_listed_rotated_and_removed(run: Run, key_id: str) -> None:
    webhook = added(run, "--key", key_id, "--url", SHOP, "--event", "message.created")
    line = run("webhooks", "list").out
    assert line.split() == [webhook, key_id, "on", "message.created", SHOP]
    assert run("webhooks", "rotate", webhook).out.startswith("whsec_")
    assert run("webhooks", "enable", webhook) == Result(0, f"{webhook} is on\n", "")
    told_nothing = f"told nothing any more: {webhook}\n"
    assert run("keys", "scope", key_id, "messages:write").out.endswith(told_nothing)
    assert "  off (needs conversations:read)  " in run("webhooks", "list").out
    why = "peyk: its key may not read conversations: it is revoked, or has not the scope conversations:read\n"
    assert run("webhooks", "enable", webhook) == Result(1, "", why)
    assert run("webhooks", "add", "--key", key_id, "--url", SHOP) == Result(1, "", why)
    assert run("keys", "scope", key_id, "conversations:read").out.count("\n") == 1
    assert run("webhooks", "list").out == line
    assert run("keys", "revoke", key_id).out == f"{key_id} is revoked\n{told_nothing}"
    assert run("webhooks", "enable", webhook) == Result(1, "", why)
    assert "(key_revoked)" in run("webhooks", "list").out
    assert run("webhooks", "remove", webhook) == Result(0, f"{webhook} is removed\n", "")
    assert run("webhooks", "list").out == ""


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://shop.example/", "must begin with https"),
        ("https://10.0.0.1/", "PEYK_WEBHOOK_ALLOW"),
        ("https://a:b@shop.example/", "no address"),
    ],
)
def test_an_address_that_may_not_be_told_is_one_line(run: Run, key_id: str, url: str, why: str) -> None:
    result = run("webhooks", "add", "--key", key_id, "--url", url)
    assert (result.code, len(result.err.splitlines())) == (2, 1)
    assert why in result.err


def test_a_network_that_is_none_is_one_line(run: Run, key_id: str) -> None:
    result = run("webhooks", "list", webhook_allow="everything")
    assert (result.code, result.err.startswith("peyk: PEYK_WEBHOOK_ALLOW: ")) == (2, True)


def test_a_key_nobody_has_gets_no_webhook(run: Run, key_id: str) -> None:
    result = run("webhooks", "add", "--key", "nobody", "--url", SHOP)
    assert (result.code, result.err) == (1, "peyk: no key in force has the id nobody: see `peyk keys list`\n")


def test_nobody_waits_for_a_test(run: Run, key_id: str) -> None:
    assert run("webhooks", "add", "--key", key_id, "--url", SHOP, "--event", "webhook.test").code == 2


@pytest.mark.parametrize("command", ["remove", "rotate", "test", "enable"])
def test_a_webhook_that_is_none_is_one_line(run: Run, key_id: str, command: str) -> None:
    result = run("webhooks", command, "wh_1")
    assert (result.code, result.err) == (1, "peyk: there is no webhook wh_1: see `peyk webhooks list`\n")


def test_a_try_says_how_it_was_taken(run: Run) -> None:
    run("migrate")
    with Receiver(200, 500) as shop:
        webhook = added(run, "--key", "demo", "--url", shop.url)
        assert run("webhooks", "test", webhook) == Result(0, f"{webhook} took it: HTTP 200\n", "")
        assert run("webhooks", "test", webhook) == Result(1, "", f"peyk: {webhook} did not take it: HTTP 500\n")
    assert "ConnectError" in run("webhooks", "test", webhook).err
