"""What is on record afterwards: the audit, and logs that say what happened and nothing of anybody."""

from __future__ import annotations

import json
import secrets
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from peyk.store.engine import writing
from tests.conversations.checks import (
    checked,
    conversation_of,
    level,
    new_sender,
    post,
    rows,
    says,
    store_of,
    wrong_code,
)
from tests.stack import ROOT, Answer, Stack

ORDER, MOBILE, CODE = "TS-104233", "09121234567", "TRK-88392011"
NAME, STREET, ITEM = "سارا نیک‌روش", "چهارباغ", "هدفون"
SHOWN = "Where is order TS-104233?"

pytestmark = pytest.mark.slow


def say(stack: Stack, sender: str, message: str) -> Answer:
    return checked(stack.say(message, sender))


def to_the_code(stack: Stack, sender: str) -> str:
    """Bring a conversation to the code of MOBILE, and return it."""
    say(stack, sender, SHOWN)
    checked(stack.press("verify", sender))
    assert says(say(stack, sender, MOBILE), "utter_identity_sent", "en")
    return stack.code(MOBILE)


def audited(stack: Stack, sender: str) -> list[tuple[str, str, dict[str, str]]]:
    """Return the audit's event, subject and detail of a conversation, oldest first."""
    query = "SELECT event, subject, detail FROM audit WHERE conversation_id = :here ORDER BY seq"
    found = rows(stack, query, here=conversation_of(stack, sender))
    return [(event, subject, json.loads(detail)) for event, subject, detail in found]


def audit_verify(stack: Stack) -> subprocess.CompletedProcess[str]:
    """Run `peyk audit verify` as an operator does."""
    seeding = stack.programs.seeding()
    command = (*seeding.command[:3], "audit", "verify")
    env = dict(seeding.env)
    return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def lines(stack: Stack, process: str) -> list[dict[str, object]]:
    """Return the structured lines a process has logged."""
    log = (stack.programs.logs / f"{process}.log").read_text(encoding="utf-8")
    return [json.loads(line) for line in log.splitlines() if line.startswith("{")]


# --- The audit


def test_every_step_and_every_answer_at_level_two_is_on_record(peyk: Stack, sender: str) -> None:
    code = to_the_code(peyk, sender)
    say(peyk, sender, wrong_code({code}))
    assert level(say(peyk, sender, code)) == 2
    say(peyk, sender, "Where is order TS-104234?")
    say(peyk, sender, "Where is order TS-104180?")
    steps = audited(peyk, sender)
    shown = {"mobile": "0912***67", "level": "2"}
    assert steps == [
        ("otp.sent", "0912***67", {}),
        ("otp.wrong", "0912***67", {}),
        ("otp.verified", "0912***67", {}),
        ("order.shown", ORDER, shown | {"situation": "in_transit"}),
        ("order.shown", "TS-104234", shown | {"situation": "preparing"}),
    ]
    # The list of orders shows them too, and a ticket is an act.
    listed = say(peyk, sender, MOBILE)
    assert says(listed, "utter_tracking_choose_order", "en")
    say(peyk, sender, "I want to talk to a person")
    later = audited(peyk, sender)[len(steps) :]
    assert sorted(subject for event, subject, _ in later if event == "order.shown") == [
        "TS-104201",
        "TS-104233",
        "TS-104234",
    ]
    assert [detail["reason"] for event, _, detail in later if event == "ticket.opened"] == ["talk_to_human"]


def test_a_locked_code_is_on_record(peyk: Stack, sender: str) -> None:
    code = to_the_code(peyk, sender)
    for _ in range(3):
        say(peyk, sender, wrong_code({code}))
    assert [event for event, _, _ in audited(peyk, sender)] == ["otp.sent", *["otp.wrong"] * 3, "otp.locked"]


def test_what_anybody_may_know_is_not_on_record(peyk: Stack, sender: str) -> None:
    say(peyk, sender, SHOWN)
    say(peyk, sender, CODE)
    assert audited(peyk, sender) == []


@contextmanager
def edited(stack: Stack, seq: int, change: str) -> Iterator[None]:
    """Change a row of the audit behind Peyk's back, and put it back as it was."""
    with store_of(stack) as engine:
        with writing(engine) as connection:
            row = connection.execute(text("SELECT * FROM audit WHERE seq = :seq"), {"seq": seq}).mappings().one()
            connection.execute(text(change), {"seq": seq})
        try:
            yield
        finally:
            with writing(engine) as connection:
                connection.execute(text("DELETE FROM audit WHERE seq = :seq"), {"seq": seq})
                names = ", ".join(row.keys())
                values = ", ".join(f":{name}" for name in row)
                connection.execute(text(f"INSERT INTO audit ({names}) VALUES ({values})"), dict(row))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET subject = 'TS-104180' WHERE seq = :seq",
        "UPDATE audit SET detail = '{}' WHERE seq = :seq",
        "UPDATE audit SET conversation_id = 'r-somebody-else' WHERE seq = :seq",
        "DELETE FROM audit WHERE seq = :seq",
    ],
)
def test_the_audit_is_whole_until_somebody_edits_a_row(peyk: Stack, sender: str, change: str) -> None:
    say(peyk, sender, to_the_code(peyk, sender))
    say(peyk, sender, SHOWN)
    here = conversation_of(peyk, sender)
    query = "SELECT min(seq) FROM audit WHERE conversation_id = :here AND event = 'order.shown'"
    ((seq,),) = rows(peyk, query, here=here)
    whole = audit_verify(peyk)
    assert (whole.returncode, whole.stdout.strip()) == (0, "the audit is whole")
    with edited(peyk, seq, change):
        broken = audit_verify(peyk)
    assert broken.returncode == 1
    assert f"the audit is broken at row {seq}:" in broken.stderr
    assert "Traceback" not in broken.stderr
    assert audit_verify(peyk).returncode == 0


def test_the_audit_signed_with_another_key_is_broken(peyk: Stack, sender: str) -> None:
    to_the_code(peyk, sender)
    seeding = peyk.programs.seeding()
    env = dict(seeding.env) | {"PEYK_SECRET_KEY": secrets.token_urlsafe(32)}
    command = (*seeding.command[:3], "audit", "verify")
    other = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert other.returncode == 1
    assert "broken at row 1:" in other.stderr


# --- The logs


def test_no_log_tells_anything_of_anybody(peyk: Stack, sender: str) -> None:
    code = to_the_code(peyk, sender)
    wrong = wrong_code({code})
    say(peyk, sender, f"my code is {wrong}")
    answer = say(peyk, sender, code)
    assert CODE in answer.text
    say(peyk, sender, CODE)
    with peyk.fault("post", "garbage"):
        say(peyk, sender, CODE)
        say(peyk, sender, SHOWN)
    with peyk.fault("shop", "down"):
        say(peyk, sender, SHOWN)
    token = answer.buttons[0]["payload"]
    say(peyk, sender, token)
    say(peyk, sender, "به نشانی اصفهان، خیابان چهارباغ بالا بفرستید، شماره‌ام ۰۹۱۲۱۲۳۴۵۶۷ است")
    say(peyk, sender, "write to sara.nikravesh@example.com or +98 912 123 4567")
    post(peyk.http, {"sender": sender, "message": "x" * 3000})
    logs = peyk.logs()
    for secret in (
        MOBILE,
        "+989121234567",
        "989121234567",
        "912 123 4567",
        "۰۹۱۲۱۲۳۴۵۶۷",
        CODE,
        CODE.removeprefix("TRK-"),
        code,
        wrong,
        token,
        NAME,
        STREET,
        ITEM,
        "sara.nikravesh",
        sender,
        "Where is order",
        peyk.programs.run_secret,
        peyk.programs.secret_key,
    ):
        found = [line[:200] for line in logs.splitlines() if secret in line]
        assert not found, f"{secret!r} is in the logs: {found[:3]}"
    assert "0912***67" in logs


def test_one_correlation_id_from_the_edge_to_the_action(peyk: Stack, sender: str) -> None:
    with peyk.fault("shop", "down"):
        answer = say(peyk, sender, SHOWN)
    one = answer.headers["X-Correlation-ID"]
    for process in ("edge", "actions"):
        mine = [line for line in lines(peyk, process) if line.get("correlation_id") == one]
        assert mine, process
    events = {str(line["event"]) for line in lines(peyk, "actions") if line.get("correlation_id") == one}
    # The second where the order was asked for before.
    assert events & {"tracking.failed", "shop.not_asked"}
    other = say(peyk, sender, SHOWN).headers["X-Correlation-ID"]
    assert other != one


def test_a_correlation_id_of_the_caller_is_kept(peyk: Stack) -> None:
    mine, sender = str(uuid.uuid4()), new_sender()
    with peyk.fault("shop", "down"):
        answer = checked(post(peyk.http, {"sender": sender, "message": SHOWN}, {"X-Correlation-ID": mine}))
    assert answer.headers["X-Correlation-ID"] == mine
    for process in ("edge", "actions"):
        assert [line for line in lines(peyk, process) if line.get("correlation_id") == mine]


@pytest.mark.parametrize(
    "forged", ["short", "x" * 65, "a b c d e f g h", "<script>1234</script>", "09350000111", "TRK-11112222"]
)
def test_a_correlation_id_that_is_none_is_replaced(peyk: Stack, sender: str, forged: str) -> None:
    answer = checked(post(peyk.http, {"sender": sender, "message": "hello"}, {"X-Correlation-ID": forged}))
    assert answer.headers["X-Correlation-ID"] != forged
    assert f'"{forged}"' not in peyk.logs()


def test_every_line_of_edge_and_action_server_is_structured(peyk: Stack, sender: str) -> None:
    say(peyk, sender, SHOWN)
    for process in ("edge", "actions"):
        log = (peyk.programs.logs / f"{process}.log").read_text(encoding="utf-8")
        assert [line for line in log.splitlines() if not line.startswith("{")] == []
        assert {line.get("process") for line in lines(peyk, process)} == {process}
