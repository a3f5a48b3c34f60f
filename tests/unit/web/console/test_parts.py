"""Pure parts of the console: colours of waiting, hidden mobiles, variables, passwords."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from peyk.domain.conversations import Owner, Ownership
from peyk.domain.handoff import Handoff, HandoffReason, Packet, Waiting
from peyk.domain.macros import fill, unfilled, unknown_variables
from peyk.domain.office_plan import OfficePlan
from peyk.domain.queues import Priority, Queue
from peyk.domain.sla import Colour
from peyk.services.passwords import generated, is_acceptable
from peyk.services.second_factor import SecondFactor
from peyk.web.console.clocks import colour, minutes
from peyk.web.console.masking import hide, hide_mobiles
from peyk.web.console.pages import isolated
from tests.unit.services.fakes import NOW

HOURS = OfficePlan().hours(frozenset())
HANDOFF = Handoff(1, "c1", HandoffReason.ASKED, Queue.L1, Priority.NORMAL, NOW, Packet())
QUEUED = Waiting(HANDOFF, Ownership(Owner.QUEUE, None, NOW), NOW, 1)


@pytest.mark.parametrize(("waited", "expected"), [(0, Colour.OK), (5, Colour.SOON), (10, Colour.DUE), (60, Colour.DUE)])
def test_the_longer_the_redder(waited: int, expected: Colour) -> None:
    later = NOW + timedelta(minutes=waited)
    assert colour(QUEUED, HOURS, later) is expected
    assert minutes(QUEUED, later) == waited


def test_vips_wait_less() -> None:
    vip = replace(QUEUED, handoff=replace(HANDOFF, queue=Queue.VIP))
    assert colour(vip, HOURS, NOW + timedelta(minutes=3)) is Colour.DUE


def test_outside_office_hours_no_time_passes() -> None:
    closing = NOW.replace(hour=13, minute=29)
    waiting = replace(QUEUED, ownership=Ownership(Owner.QUEUE, None, closing))
    assert colour(waiting, HOURS, closing + timedelta(hours=10)) is Colour.OK


@pytest.mark.parametrize(("unread", "expected"), [(0, Colour.STOPPED), (2, Colour.DUE)])
def test_with_an_agent_it_runs_while_the_customer_waits(unread: int, expected: Colour) -> None:
    taken = Waiting(HANDOFF, Ownership(Owner.AGENT, "1", NOW), NOW, unread)
    assert colour(taken, HOURS, NOW + timedelta(hours=1)) is expected


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("با 09121234567 تماس", "با 0912***67 تماس"),
        ("۰۹۱۲۱۲۳۴۵۶۷ و 09351112233", "۰۹۱۲***۶۷ و 0935***33"),
        ("سفارش TS-104233 ساعت 14:00", "سفارش TS-104233 ساعت 14:00"),
        ("", ""),
    ],
)
def test_mobiles_are_hidden_and_nothing_else(text: str, hidden: str) -> None:
    assert hide_mobiles(text) == hidden


@pytest.mark.parametrize(
    "secret",
    [
        "TRK-88392011",
        "trk-88392011",
        "RR123456785IR",
        "1Z999AA10123456784",
        "123456789012345678901234",
        "۱۲۳۴۵۶۷۸۹۰۱۲۳۴۵۶۷۸۹۰۱۲۳۴",
        "1234567890",
        "۱۲۳۴۵-۶۷۸۹۰",
        "482913",
        "۴۸۲۹۱۳",
        "sara@example.com",
        "09121234567",
        "+44 7700 900123",
    ],
)
@pytest.mark.parametrize(
    "words",
    ["{}", "کدپستی{}", "رمز:{}", "کد {} است.", "https://post.example/track?id={}", "see https://p.example/{} now"],
)
def test_what_tells_who_or_where_is_hidden(secret: str, words: str) -> None:
    if "/{}" in words and secret.isdecimal() and len(secret) == 6:
        pytest.skip("six digits of a path are no code anybody was sent")
    shown = hide(words.format(secret))
    assert secret not in shown
    assert "***" in shown


@pytest.mark.parametrize(
    "text",
    [
        "سفارش TS-104233 ساعت 14:00",
        "تیکت PK-1001 دربارهٔ TS-104233",
        "تا 1404/09/03، مبلغ ۲٬۵۰۰٬۰۰۰ تومان",
        "2026-11-21 10:30",
        "#104233",
        "",
    ],
)
def test_what_the_work_needs_stays_readable(text: str) -> None:
    assert hide(text) == text


def test_a_zero_byte_breaks_nothing() -> None:
    assert hide("a\x00\ue005\x00b") == "a\ue005b"


def test_numbers_are_isolated_and_all_is_escaped() -> None:
    assert isolated("ساعت 14:00-16:00، <b> & سفارش TS-1") == (
        'ساعت <bdi dir="ltr">14:00-16:00</bdi>، &lt;<bdi dir="ltr">b</bdi>&gt; &amp; سفارش <bdi dir="ltr">TS-1</bdi>'
    )
    assert isolated("<i>14:00</i>") == "&lt;i&gt;14:00&lt;/i&gt;"


class TestVariables:
    def test_filled_and_left(self) -> None:
        text = "{name} {order} { order } {foo}"
        assert fill(text, {"order": "TS-1", "foo": "x"}) == "{name} TS-1 TS-1 x"
        assert unknown_variables(text) == ("foo",)
        assert unfilled(text) == ("name", "order")

    def test_a_value_is_not_filled_again(self) -> None:
        assert fill("{name}", {"name": "{order}", "order": "TS-1"}) == "{order}"


class TestPasswords:
    @pytest.mark.parametrize(
        ("password", "fit"),
        [("x" * 9, False), ("x" * 10, True), ("x" * 200, True), ("x" * 201, False), ("my SARA is long", False)],
    )
    def test_which_may_be_chosen(self, password: str, fit: bool) -> None:
        assert is_acceptable(password, "sara") is fit

    def test_generated_ones_may(self) -> None:
        made = {generated() for _ in range(20)}
        assert len(made) == 20
        assert all(is_acceptable(each, "sara") for each in made)


def test_second_factors_differ_by_person_salt_and_key() -> None:
    one, other = SecondFactor("k" * 40), SecondFactor("l" * 40)
    salt = one.new_salt()
    secrets = {one.secret("1", salt), one.secret("2", salt), one.secret("1", one.new_salt()), other.secret("1", salt)}
    assert len(secrets) == 4
    with pytest.raises(ValueError, match="salt"):
        one.secret("1", "x")
