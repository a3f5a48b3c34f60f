"""Where is it: by order number, by mobile, by tracking code; what is said at which level."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from rasa_sdk.events import FollowupAction

from peyk.domain.shipments import DeliveryStatus, TrackingEvent
from peyk.domain.situations import Situation
from peyk.errors import AccessRefused, BadAnswer, ExternalError, NotYet, RateLimited, Unavailable
from tests.unit.actions.fakes import CHANGE_MOBILE, LISTEN, MY_ORDERS, TALK, About, Chat, Line, done, limit, slots
from tests.unit.actions.lines import AGAIN, LITTLE, PARCEL, RATE, VERIFY, full_answer, keys
from tests.unit.actions.stories import CODE, NUMBER, TELL, TELL_LITTLE
from tests.unit.actions.wording import ROOT
from tests.unit.services.fakes import MOBILE, NOW, OTHER_MOBILE, order, tracking

TRACK = "action_track_order"
BY_MOBILE = "/press_my_orders{}"


class TestByNumber:
    @pytest.mark.parametrize("language", ["fa", "en"])
    @pytest.mark.parametrize("situation", Situation)
    def test_level_one_is_the_stage_and_nothing_else(self, chat: Chat, situation: Situation, language: str) -> None:
        TELL[situation](chat.world)
        chat.slots["language"] = language
        answer = chat.ask(TRACK, NUMBER, "track_order", order_id=NUMBER)
        stage = Line(f"utter_tracking_stage_{situation.value}", (VERIFY, TALK), About(NUMBER, situation.value, 1))
        rating = situation is Situation.DELIVERED
        assert answer.said == [stage, *([Line("utter_feedback_ask_rating", RATE)] if rating else [])]
        offers = [*slots(pending_offer="verify"), *(slots(pending_offer="rating") if rating else [])]
        assert answer.events == [*slots(subject="order"), *offers, *done(pending_request=TRACK)]
        for secret in (CODE, MOBILE, "هدفون", "headphones", "12,500", "نگهبانی", "reception", "نمونه"):
            assert secret not in f"{answer.said} {answer.text}"

    @pytest.mark.parametrize("language", ["fa", "en"])
    @pytest.mark.parametrize("situation", Situation)
    def test_level_two_is_the_whole_answer(self, chat: Chat, situation: Situation, language: str) -> None:
        TELL[situation](chat.world)
        chat.world.prove()
        chat.slots["language"] = language
        answer = chat.ask(TRACK, NUMBER, "track_order", order_id=NUMBER)
        rating = situation is Situation.DELIVERED
        assert answer.said == full_answer(situation, rating=rating)
        assert answer.events == done(subject="order", **({"pending_offer": "rating"} if rating else {}))

    @pytest.mark.parametrize("language", ["fa", "en"])
    @pytest.mark.parametrize("story", TELL_LITTLE)
    def test_what_nobody_said_leaves_no_hole(self, chat: Chat, story: str, language: str) -> None:
        """The check of every utterance fails on an empty value; here shop and carriers say as little as they may."""
        TELL_LITTLE[story](chat.world)
        chat.world.prove()
        chat.slots["language"] = language
        answer = chat.ask(TRACK, NUMBER, "track_order", order_id=NUMBER)
        assert answer.responses == keys(LITTLE[story])

    def test_the_custom_object_of_a_verified_answer(self, chat: Chat) -> None:
        TELL[Situation.IN_TRANSIT](chat.world)
        chat.world.prove()
        chat.slots["language"] = "en"
        line = chat.ask(TRACK, NUMBER, "track_order", order_id=NUMBER).said[-1]
        assert line.custom == {
            "order": {
                "orderId": NUMBER,
                "status": "in_transit",
                "statusFa": "در راه",
                "createdAt": (NOW - timedelta(days=3)).isoformat(),
                "eta": (NOW + timedelta(days=4)).isoformat(),
                "items": [
                    {"sku": "HP-1", "title": "Wireless headphones", "quantity": 1, "price": "1,250,000 toman"},
                ],
                "tracking": {
                    "carrier": "post",
                    "code": CODE,
                    "url": f"https://post.example/{CODE}",
                    "lastEvent": "At the hub",
                    "asOf": NOW.isoformat(),
                    "events": [
                        {
                            "at": (NOW - timedelta(hours=5)).isoformat(),
                            "text": "At the hub",
                            "place": "Tehran",
                            "first": True,
                        },
                    ],
                },
            },
            "security": {"verified": True, "method": "otp", "level": 2},
            "nextActions": [
                {"id": "track_again", "title": "Check again"},
                {"id": "talk_to_human", "title": "Talk to a person"},
            ],
        }

    def test_an_order_of_another_mobile_stays_at_its_stage(self, chat: Chat) -> None:
        TELL[Situation.IN_TRANSIT](chat.world)
        chat.world.prove(OTHER_MOBILE)
        answer = chat.ask(TRACK, NUMBER, "track_order", order_id=NUMBER)
        assert answer.said == [
            Line("utter_tracking_stage_in_transit"),
            Line("utter_identity_other_mobile", (MY_ORDERS, CHANGE_MOBILE, TALK), About(NUMBER, "in_transit", 1)),
        ]
        assert answer.events == done(subject="order", pending_offer="verify", pending_request=TRACK)

    def test_the_order_talked_about_is_meant(self, chat: Chat) -> None:
        TELL[Situation.IN_TRANSIT](chat.world)
        chat.slots |= {"order_id": NUMBER, "subject": "order"}
        answer = chat.ask(TRACK, "الان کجاست؟", "track_order")
        assert answer.responses == ["utter_tracking_stage_in_transit"]

    def test_a_carrier_that_is_down_is_said_with_the_age_of_the_news(self, chat: Chat) -> None:
        TELL[Situation.IN_TRANSIT](chat.world)
        chat.world.prove()
        chat.world.snapshots.save(tracking(as_of=NOW - timedelta(hours=2)))
        chat.world.post.answers[CODE] = Unavailable("post")
        answer = chat.ask(TRACK, NUMBER, "track_order", order_id=NUMBER)
        assert answer.responses == [
            "utter_tracking_detail_in_transit_known",
            PARCEL,
            "utter_tracking_carrier_unavailable_stale",
        ]
        assert answer.said[-1].buttons == (AGAIN, TALK)
        assert answer.said[-1].custom == About(NUMBER, "in_transit", 2)

    @pytest.mark.parametrize("error", [Unavailable, RateLimited, BadAnswer, AccessRefused])
    def test_every_trouble_of_a_carrier_is_a_sentence_of_its_own(self, chat: Chat, error: type[ExternalError]) -> None:
        TELL[Situation.IN_TRANSIT](chat.world)
        chat.world.post.answers[CODE] = error("post")
        answer = chat.ask(TRACK, NUMBER, "track_order", order_id=NUMBER)
        assert answer.responses[-1] == f"utter_tracking_carrier_{error.kind}"
        chat.world.snapshots.save(tracking(as_of=NOW - timedelta(hours=2)))
        answer = chat.ask(TRACK, NUMBER, "track_order", order_id=NUMBER)
        assert answer.responses[-1] == f"utter_tracking_carrier_{error.kind}_stale"
        answer = chat.ask(TRACK, CODE, "track_order", tracking_code=CODE)
        assert answer.responses[-1] == f"utter_tracking_carrier_{error.kind}_stale"

    def test_a_carrier_that_is_down_and_nothing_older_is_known(self, chat: Chat) -> None:
        TELL[Situation.IN_TRANSIT](chat.world)
        chat.world.post.answers[CODE] = Unavailable("post")
        answer = chat.ask(TRACK, NUMBER, "track_order", order_id=NUMBER)
        assert answer.said == [
            Line("utter_tracking_stage_in_transit"),
            Line("utter_tracking_carrier_unavailable", (VERIFY, TALK), About(NUMBER, "in_transit", 1)),
        ]


class TestCustomObject:
    def test_the_custom_object_keeps_to_its_schema(self, chat: Chat) -> None:
        schema = json.loads((ROOT / "docs/rest-answer.schema.json").read_text(encoding="utf-8"))
        validator = Draft202012Validator({"$ref": "#/$defs/custom", "$defs": schema["$defs"]})
        for situation in Situation:
            chat.world.orders.orders.clear()
            TELL[situation](chat.world)
            for proves in (chat.world.verifications.proofs.clear, chat.world.prove):
                proves()
                said = chat.ask(TRACK, NUMBER, "track_order", order_id=NUMBER).said
                assert [list(validator.iter_errors(line.custom)) for line in said if line.custom] == [[]]


class TestNoAnswer:
    def test_no_such_order(self, chat: Chat) -> None:
        answer = chat.ask(TRACK, "TS-999999", "track_order", order_id="TS-999999")
        assert answer.said == [Line("utter_tracking_not_found", (TALK,))]
        assert answer.events == done(subject="order", order_id=None)
        assert "TS-999999" in answer.text

    @pytest.mark.parametrize("error", [NotYet, Unavailable, BadAnswer, RateLimited])
    def test_each_trouble_is_a_sentence_of_its_own(self, chat: Chat, error: type[Unavailable]) -> None:
        chat.world.orders.error = error("shop")
        answer = chat.ask(TRACK, NUMBER, "track_order", order_id=NUMBER)
        assert answer.said == [Line(f"utter_tracking_{error.kind}", (TALK,))]
        assert answer.events == done(subject="order")
        assert chat.slots["order_id"] == NUMBER

    def test_too_many_guesses_are_a_limit(self, chat: Chat) -> None:
        for guess in range(chat.world.settings.guess_per_conversation):
            chat.ask(TRACK, f"TS-90000{guess}", "track_order", order_id=f"TS-90000{guess}")
        answer = chat.ask(TRACK, NUMBER, "track_order", order_id=NUMBER)
        told = limit("order_guess.conversation", 600, "talk_to_human")
        assert answer.said == [Line("utter_tracking_too_many", (TALK,), told)]
        assert answer.events == [LISTEN]

    def test_several_orders_that_end_alike(self, chat: Chat) -> None:
        chat.world.settings = replace_settings(chat, order_digits=8)
        chat.world.orders.orders += [order("TS-11104233"), order("TS-22104233")]
        answer = chat.ask(TRACK, "104233", "track_order", order_id="104233")
        assert answer.said == [Line("utter_tracking_ambiguous", (TALK,))]


def replace_settings(chat: Chat, **changes: Any) -> Any:
    """Give the order finder other settings."""
    changed = chat.world.settings.model_copy(update=changes)
    chat.world.tracking._finder._numbers = changed.order_format
    return changed


class TestNothingNamed:
    def test_it_is_asked_for(self, chat: Chat) -> None:
        answer = chat.ask(TRACK, "سفارشم کجاست", "track_order")
        assert answer.said == [Line("utter_tracking_ask_number", (BY_MOBILE, TALK))]
        assert answer.events == done(pending_request=TRACK)

    def test_a_proven_customer_gets_the_list(self, chat: Chat) -> None:
        chat.world.prove()
        answer = chat.ask(TRACK, "سفارشم کجاست", "track_order")
        assert answer.said == []
        assert answer.events == [FollowupAction("action_list_orders")]

    @pytest.mark.parametrize(
        "asked",
        [
            "action_give_tracking_code",
            "action_report_delay",
            "action_report_stalled",
            "action_report_not_received",
            "action_report_returned",
            "action_fix_address",
            "action_payment_problem",
            "action_request_return",
            "action_tell_refund",
            "action_cancel_order",
            "action_change_order",
            "action_report_damaged",
            "action_request_document",
        ],
    )
    def test_the_number_answers_what_was_asked_for(self, chat: Chat, asked: str) -> None:
        """ "cancel my order" – "which one?" – "TS-104233" is a cancellation, not a tracking."""
        chat.ask(asked, "سفارشم", "track_order")
        assert chat.slots["pending_request"] == asked
        answer = chat.ask(TRACK, NUMBER, "track_order", order_id=NUMBER)
        assert answer.said == []
        assert answer.events == [*slots(subject="order", pending_request=None), FollowupAction(asked)]

    def test_a_button_to_track_tracks_whatever_was_asked_before(self, chat: Chat) -> None:
        TELL[Situation.IN_TRANSIT](chat.world)
        chat.slots["pending_request"] = "action_cancel_order"
        chat.press(AGAIN)
        assert chat.run(TRACK).responses == ["utter_tracking_stage_in_transit"]


class TestByMobile:
    def test_the_mobile_is_proven_first(self, chat: Chat) -> None:
        answer = chat.ask(TRACK, MOBILE, "track_order", phone_number=MOBILE)
        assert answer.said == []
        assert answer.events[-2:] == [*slots(pending_request="action_list_orders"), FollowupAction("identity_form")]

    def test_for_an_order_talked_about_the_proof_is_for_that(self, chat: Chat) -> None:
        TELL[Situation.IN_TRANSIT](chat.world)
        chat.ask(TRACK, NUMBER, "track_order", order_id=NUMBER)
        answer = chat.ask(TRACK, MOBILE, "track_order", phone_number=MOBILE)
        assert answer.events[-2:] == [*slots(pending_offer=None), FollowupAction("identity_form")]
        assert chat.slots["pending_request"] == TRACK

    def test_a_mobile_proven_already_goes_straight_to_the_list(self, chat: Chat) -> None:
        chat.world.prove()
        answer = chat.ask(TRACK, MOBILE, "track_order", phone_number=MOBILE)
        assert answer.events == [FollowupAction("action_list_orders")]

    def test_a_number_beside_the_mobile_wins(self, chat: Chat) -> None:
        TELL[Situation.IN_TRANSIT](chat.world)
        answer = chat.ask(TRACK, f"{NUMBER} {MOBILE}", "track_order", order_id=NUMBER, phone_number=MOBILE)
        assert answer.responses == ["utter_tracking_stage_in_transit"]


class TestByCode:
    def test_events_link_and_time_and_nothing_personal(self, chat: Chat) -> None:
        TELL[Situation.IN_TRANSIT](chat.world)
        answer = chat.ask(TRACK, CODE, "track_order", tracking_code=CODE)
        custom = {
            "security": {"verified": False, "method": None, "level": 1},
            "nextActions": [
                {"id": "track_again", "title": "بررسی دوباره"},
                {"id": "talk_to_human", "title": "گفت‌وگو با پشتیبان"},
            ],
        }
        again = f'/track_order{{"tracking_code": "{CODE}"}}'
        assert answer.said == [Line("utter_tracking_code_events", (again, TALK), custom)]
        assert answer.events == done(subject="code")
        for secret in (NUMBER, MOBILE, "هدفون", "سارا"):
            assert secret not in f"{answer.said} {answer.text}"

    def test_the_newest_three_scans_newest_first(self, chat: Chat) -> None:
        chat.slots["language"] = "en"
        names = ["Taken in", "On the road", "At the hub", "On the van"]
        events = tuple(replace(tracking().events[0], text_en=name) for name in names)
        chat.world.post.answers[CODE] = tracking(events=events)
        text = chat.ask(TRACK, CODE, "track_order", tracking_code=CODE).text
        told = [name for line in text.splitlines() for name in names if name in line]
        assert told == ["On the van", "At the hub", "On the road"]

    def test_no_scan_yet(self, chat: Chat) -> None:
        chat.world.post.answers[CODE] = tracking(events=())
        assert chat.ask(TRACK, CODE, "track_order", tracking_code=CODE).responses == ["utter_tracking_code_no_event"]

    @pytest.mark.parametrize(("events", "kind"), [((), "no_event"), (tracking().events, "events")])
    def test_no_link(self, chat: Chat, events: tuple[TrackingEvent, ...], kind: str) -> None:
        chat.world.post.answers[CODE] = tracking(events=events, url="")
        answer = chat.ask(TRACK, CODE, "track_order", tracking_code=CODE)
        assert answer.responses == [f"utter_tracking_code_{kind}_no_link"]

    def test_the_carriers_page_when_it_does_not_answer(self, chat: Chat) -> None:
        chat.world.post.pages = "https://post.example/"
        chat.world.post.answers[CODE] = BadAnswer("post")
        answer = chat.ask(TRACK, CODE, "track_order", tracking_code=CODE)
        assert answer.responses == ["utter_tracking_bad_answer", "utter_tracking_parcel_no_event"]
        assert f"https://post.example/{CODE}" in answer.text

    def test_parcels_of_one_waybill_are_told_one_by_one(self, chat: Chat) -> None:
        chat.slots["language"] = "en"
        delivered = tracking(DeliveryStatus.DELIVERED, code=f"{CODE} (1/2)")
        parts = (delivered, tracking(code=f"{CODE} (2/2)"))
        chat.world.post.answers[CODE] = tracking(DeliveryStatus.UNKNOWN, parts=parts)
        answer = chat.ask(TRACK, CODE, "track_order", tracking_code=CODE)
        assert answer.responses == ["utter_tracking_parcels"]
        assert f"{CODE} (1/2): delivered" in answer.text
        assert f"{CODE} (2/2): in transit" in answer.text
        assert f"https://post.example/{CODE}" in answer.text
        assert "as of today at" in answer.text

    def test_trouble_with_a_code_keeps_the_order_in_mind(self, chat: Chat) -> None:
        TELL[Situation.IN_TRANSIT](chat.world)
        chat.ask(TRACK, NUMBER, "track_order", order_id=NUMBER)
        chat.world.tipax.answers["TPX-1"] = BadAnswer("tipax")
        chat.ask(TRACK, "TPX-1", "track_order", tracking_code="TPX-1")
        assert chat.slots["order_id"] == NUMBER

    def test_no_such_code(self, chat: Chat) -> None:
        answer = chat.ask(TRACK, "TRK-00000000", "track_order", tracking_code="TRK-00000000")
        assert answer.said == [Line("utter_tracking_code_not_found", (TALK,))]
        assert answer.events == [LISTEN]

    def test_the_carrier_does_not_know_it_yet(self, chat: Chat) -> None:
        chat.world.orders.orders.append(order(NUMBER))
        answer = chat.ask(TRACK, CODE, "track_order", tracking_code=CODE)
        assert answer.said == [Line("utter_tracking_not_yet", (TALK,))]

    def test_not_yet_vouches_for_no_number(self, chat: Chat) -> None:
        chat.slots["language"] = "en"
        chat.world.post.answers[CODE] = NotYet("post")
        answer = chat.ask(TRACK, CODE, "track_order", tracking_code=CODE)
        assert "Nothing has been recorded" in answer.text
        assert "right" not in answer.text

    def test_a_stale_answer_is_said_to_be_stale(self, chat: Chat) -> None:
        chat.world.snapshots.save(tracking(as_of=NOW - timedelta(hours=2)))
        chat.world.post.answers[CODE] = Unavailable("post")
        answer = chat.ask(TRACK, CODE, "track_order", tracking_code=CODE)
        assert answer.responses == ["utter_tracking_code_events", "utter_tracking_carrier_unavailable_stale"]

    def test_where_is_it_after_a_code_means_the_code(self, chat: Chat) -> None:
        TELL[Situation.IN_TRANSIT](chat.world)
        chat.ask(TRACK, CODE, "track_order", tracking_code=CODE)
        answer = chat.ask(TRACK, "الان کجاست؟", "track_order")
        assert answer.responses == ["utter_tracking_code_events"]
        assert answer.events == [LISTEN]

    def test_an_order_after_a_code_is_about_the_order(self, chat: Chat) -> None:
        TELL[Situation.IN_TRANSIT](chat.world)
        chat.ask(TRACK, CODE, "track_order", tracking_code=CODE)
        chat.ask(TRACK, NUMBER, "track_order", order_id=NUMBER)
        assert chat.slots["tracking_code"] is None
        assert chat.ask(TRACK, "الان کجاست؟", "track_order").responses == ["utter_tracking_stage_in_transit"]

    def test_a_code_after_an_order_forgets_the_order(self, chat: Chat) -> None:
        TELL[Situation.IN_TRANSIT](chat.world)
        chat.ask(TRACK, NUMBER, "track_order", order_id=NUMBER)
        answer = chat.ask(TRACK, CODE, "track_order", tracking_code=CODE)
        assert answer.events == done(subject="code", order_id=None)
