"""What the edge keeps of conversations."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from peyk.domain.identity import Verification
from peyk.ports.edge import ConversationLog, Opened, Outcome, StoredReply
from peyk.store.conversations import BUTTON_TTL, LONGEST_TURN, REPLY_TTL, Conversations
from peyk.store.identity import StoredVerifications
from tests.fakes.parallel import in_parallel
from tests.unit.services.fakes import NOW

REPLY = StoredReply(200, '[{"text": "سلام"}]')


@pytest.fixture
def log(engine: Engine) -> Conversations:
    return Conversations(engine)


def opened(
    log: ConversationLog,
    conversation: str = "c1",
    *,
    message: str | None = None,
    token: str | None = None,
    after: timedelta = timedelta(),
) -> Opened:
    return log.open(conversation, message_id=message, token=token, now=NOW + after)


def test_a_new_conversation_is_blank(log: Conversations) -> None:
    assert opened(log, message="m1", token="b:1") == Opened()


def test_the_language_stays_until_it_changes(log: Conversations) -> None:
    log.close("c1", Outcome(language="en"), NOW)
    log.close("c1", Outcome(), NOW)
    assert opened(log).language == "en"
    log.close("c1", Outcome(language="fa"), NOW)
    assert opened(log).language == "fa"
    assert opened(log, "c2").language is None


def test_a_button_works_in_its_own_conversation_until_it_expires(log: Conversations) -> None:
    log.close("c1", Outcome(buttons={"b:1": '/track_order{"order_id": "TS-104233"}', "b:2": "/stop"}), NOW)
    assert opened(log, token="b:1").payload == '/track_order{"order_id": "TS-104233"}'
    assert opened(log, token="b:2").payload == "/stop"
    assert opened(log, "c2", token="b:1").payload is None
    assert opened(log, token="b:3").payload is None
    assert opened(log, token="b:1", after=BUTTON_TTL - timedelta(seconds=1)).payload is not None
    assert opened(log, token="b:1", after=BUTTON_TTL).payload is None


def test_an_answer_is_kept_under_its_message(log: Conversations) -> None:
    log.close("c1", Outcome(message_id="m1", reply=REPLY), NOW)
    assert opened(log, message="m1").reply == REPLY
    assert opened(log, message="m2").reply is None
    assert opened(log, "c2", message="m1").reply is None
    assert opened(log, message="m1", after=REPLY_TTL).reply is None


def test_the_first_answer_stays_while_it_is_in_force(log: Conversations) -> None:
    late = StoredReply(429, "[]", 60)
    log.close("c1", Outcome(message_id="m1", reply=REPLY), NOW)
    log.close("c1", Outcome(message_id="m1", reply=late), NOW)
    assert opened(log, message="m1").reply == REPLY
    log.close("c1", Outcome(message_id="m1", reply=late), NOW + REPLY_TTL)
    assert opened(log, message="m1", after=REPLY_TTL).reply == late


def test_what_cannot_be_kept_whole_is_not_kept(log: Conversations, engine: Engine) -> None:
    log.close("c1", Outcome(buttons={"b:1": "/a"}), NOW)
    with pytest.raises(Exception, match="button_tokens"):
        log.close("c2", Outcome(language="en", buttons={"b:1": "/b"}), NOW)
    assert opened(log, "c2").language is None


def test_concurrent_messages_of_one_conversation_are_all_kept(log: Conversations) -> None:
    in_parallel(lambda i: log.close("c1", Outcome(message_id=f"m{i}", reply=REPLY, buttons={f"b:{i}": f"/{i}"}), NOW))
    assert [opened(log, message=f"m{i}").reply for i in range(8)] == [REPLY] * 8
    assert [opened(log, token=f"b:{i}").payload for i in range(8)] == [f"/{i}" for i in range(8)]


class TestAnswersToAProvenCustomer:
    """They may show what only the proof opens, so they are repeated no longer than the proof lasts."""

    KEPT = Outcome(message_id="m1", reply=REPLY)
    PROOF = timedelta(minutes=10)

    @pytest.fixture(autouse=True)
    def _proven(self, engine: Engine) -> None:
        StoredVerifications(engine).grant(Verification("c1", "09121234567", "otp", NOW + self.PROOF))

    def test_they_are_forgotten_when_the_proof_ends(self, log: Conversations) -> None:
        log.close("c1", self.KEPT, NOW)
        assert opened(log, message="m1", after=self.PROOF - timedelta(seconds=1)).reply == REPLY
        assert opened(log, message="m1", after=self.PROOF).reply is None

    def test_the_answer_after_it_takes_its_place(self, log: Conversations) -> None:
        log.close("c1", self.KEPT, NOW)
        after, stage = self.PROOF + LONGEST_TURN, StoredReply(200, "[]")
        log.close("c1", Outcome(message_id="m1", reply=stage), NOW + after)
        assert opened(log, message="m1", after=after).reply == stage

    def test_nothing_is_kept_when_the_proof_ends_during_the_turn(self, log: Conversations) -> None:
        for after in (self.PROOF, self.PROOF + LONGEST_TURN - timedelta(seconds=1)):
            log.close("c1", self.KEPT, NOW + after)
            assert opened(log, message="m1").reply is None

    def test_a_longer_proof_does_not_make_a_day_longer(self, log: Conversations, engine: Engine) -> None:
        StoredVerifications(engine).grant(Verification("c1", "09121234567", "otp", NOW + 2 * REPLY_TTL))
        log.close("c1", self.KEPT, NOW)
        assert opened(log, message="m1", after=REPLY_TTL).reply is None

    def test_other_conversations_keep_theirs_for_a_day(self, log: Conversations) -> None:
        log.close("c2", self.KEPT, NOW)
        assert opened(log, "c2", message="m1", after=REPLY_TTL - timedelta(seconds=1)).reply == REPLY


def test_a_sign_of_life(log: Conversations) -> None:
    log.ping()
