"""The texts: both languages, same placeholders, a name for everything that has one."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import pytest
import yaml

from peyk.domain.contacts import Tag
from peyk.domain.orders import DelayReason, HoldReason
from peyk.domain.payments import PaymentFailure
from peyk.domain.shipments import DeliveryStatus, ExceptionReason
from peyk.domain.situations import Situation
from peyk.domain.tickets import TicketReason, TicketState
from peyk.i18n import named, text
from peyk.i18n.catalogue import CatalogueError, catalogue, load, placeholders

DOMAIN = yaml.safe_load((Path(__file__).resolve().parents[3] / "domain.yml").read_text(encoding="utf-8"))
CARRIERS = ["post", "postex", "tipax", "chapar", "mahex", "dhl", "fedex", "17track", "courier", "snapp", "freight"]
NAMED: dict[str, list[str] | type[StrEnum]] = {
    # What the domain calls an action, people read in words.
    "tried": [name for name in DOMAIN["actions"] if name.startswith("action_")],
    "situation": Situation,
    "delivery_status": DeliveryStatus,
    "exception_reason": ExceptionReason,
    "delay_reason": DelayReason,
    "hold_reason": HoldReason,
    "payment_failure": PaymentFailure,
    "payment_method": ["card", "gateway", "cash_on_delivery", "instalments", "wallet"],
    "ticket_state": TicketState,
    "ticket_reason": TicketReason,
    "carrier": CARRIERS,
    "contact_tag": Tag,
    "button": [f"rate_{stars}" for stars in range(1, 6)],
}
ARABIC_LETTERS = set("يكةىٰ")


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_every_text_is_whole_in_both_languages(key: str) -> None:
    texts = catalogue()[key]
    assert set(texts) == {"fa", "en"}
    assert all(words.strip() for words in texts.values())
    assert placeholders(texts["fa"]) == placeholders(texts["en"])
    assert not ARABIC_LETTERS & set(texts["fa"]), "Persian letters, not Arabic ones"


@pytest.mark.parametrize("kind", NAMED)
@pytest.mark.parametrize("language", ["fa", "en"])
def test_everything_has_a_name(kind: str, language: str) -> None:
    for member in NAMED[kind]:
        assert text(f"{kind}.{member}", language)


@pytest.mark.parametrize("kind", [kind for kind in NAMED if kind != "button"])
def test_no_name_is_left_over(kind: str) -> None:
    named = {key.removeprefix(f"{kind}.") for key in catalogue() if key.startswith(f"{kind}.")}
    assert named == {str(member) for member in NAMED[kind]}


def test_values_are_filled_in() -> None:
    assert text("date.with_time", "en", day="Monday", time="14:10") == "Monday at 14:10"


@pytest.mark.parametrize(
    ("key", "language", "values"),
    [("no.such.key", "fa", {}), ("carrier.post", "de", {}), ("date.with_time", "en", {"day": "Monday"})],
)
def test_what_is_missing_is_a_key_error(key: str, language: str, values: dict[str, str]) -> None:
    with pytest.raises(KeyError):
        text(key, language, **values)


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        ("a: {fa: سلام}", "needs exactly"),
        ("a: {fa: سلام, en: hello, de: hallo}", "needs exactly"),
        ("a: hello", "needs exactly"),
        ("a: {fa: 'سلام {name}', en: hello}", "placeholders"),
        ("a: {fa: 1, en: one}", "must be text"),
    ],
)
def test_a_wrong_file_is_refused_with_its_reason(tmp_path: Path, texts: str, why: str) -> None:
    (tmp_path / "texts.yml").write_text(texts, encoding="utf-8")
    with pytest.raises(CatalogueError, match=why):
        load(tmp_path)


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    for name in ("one.yml", "two.yml"):
        (tmp_path / name).write_text("a: {fa: سلام, en: hello}", encoding="utf-8")
    with pytest.raises(CatalogueError, match="twice"):
        load(tmp_path)


def test_an_empty_file_has_no_texts(tmp_path: Path) -> None:
    (tmp_path / "empty.yml").write_text("# nothing yet\n", encoding="utf-8")
    assert load(tmp_path) == {}


def test_a_name_of_a_shops_own_stands_for_itself() -> None:
    assert named("tried.action_of_a_shop", "fa") == "action_of_a_shop"
    assert named("tried.action_hand_off", "en") == text("tried.action_hand_off", "en")
