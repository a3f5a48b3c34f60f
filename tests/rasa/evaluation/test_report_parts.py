"""What the report counts: the threshold curve, misleading examples, confusions, entities, wishes, noise."""

from __future__ import annotations

import pytest

from peyk.evaluation.examples import Example
from peyk.evaluation.report.collect import Learnt
from peyk.evaluation.report.confusion import matrix, top_confused, worst
from peyk.evaluation.report.entities import EntityScore, entity_mistakes, entity_scores
from peyk.evaluation.report.figures import whether_more_pays
from peyk.evaluation.report.misleading import Misleading
from peyk.evaluation.report.robustness import Broken, Noisy, broken, costs
from peyk.evaluation.report.threshold import SURE, THRESHOLDS, best_trade, curve, decided, sure_curve
from peyk.evaluation.report.wishes import wish_scores
from peyk.evaluation.scores import FALLBACK, Answer, Decision
from peyk.evaluation.testset import Case, EntityCase, TwoWishes


def answer(*ranking: tuple[str, float], intent: str | None = None, second: str | None = None) -> Answer:
    return Answer(intent or ranking[0][0], ranking, tuple(name for name, _ in ranking[:3]), second)


def case(intent: str, text: str = "x", language: str = "en") -> Case:
    return Case(text, intent, language)


@pytest.mark.parametrize(
    ("threshold", "ambiguity", "intent"),
    [(0.4, 0.1, "greet"), (0.5, 0.25, "greet"), (0.51, 0.1, FALLBACK), (0.4, 0.26, FALLBACK)],
)
@pytest.mark.parametrize("decided_before", ["greet", FALLBACK])
def test_a_threshold_decides_as_rasa_does(threshold: float, ambiguity: float, intent: str, decided_before: str) -> None:
    given = answer(("greet", 0.5), ("thank", 0.25), intent=decided_before)
    assert decided(given, Decision(threshold, ambiguity)).intent == intent


def test_no_threshold_understands_what_nothing_is_known_of() -> None:
    unknown = Answer(FALLBACK, (("greet", 0.5),), nothing_known=True)
    assert decided(unknown, Decision(0.05, 0.0)).intent == FALLBACK


def test_the_curve_asks_back_more_and_accepts_less_as_it_rises() -> None:
    cases = [case("track_order"), case("complain"), case("out_of_scope"), case("out_of_scope")]
    answers = [
        answer(("track_order", 0.8), ("deny", 0.1)),
        answer(("cancel_order", 0.5), ("complain", 0.2)),
        answer(("cancel_order", 0.3), ("deny", 0.1)),
        answer(("out_of_scope", 0.6), ("deny", 0.1)),
    ]
    points = curve(cases, answers, Decision(0.0, 0.1))
    assert [p.threshold for p in points] == list(THRESHOLDS)
    assert (THRESHOLDS[0], THRESHOLDS[-1]) == (0.05, 0.9)
    asked = [p.asked_back for p in points]
    assert asked == sorted(asked)
    assert (asked[0], asked[-1]) == (0, 1)
    at = {p.threshold: p for p in points}
    assert (at[0.3].wrongly_accepted, at[0.35].wrongly_accepted) == (0.5, 0)
    assert (at[0.5].right_or_offered, at[0.55].right_or_offered) == (0.75, 1)
    # One more question for one wrong answer less is worth it; from there on questions bring nothing.
    assert best_trade(points).threshold == 0.55


def test_what_counts_as_sure_trades_buttons_for_right_meanings() -> None:
    cases = [case("track_order"), case("complain")]
    answers = [answer(("track_order", 0.8), ("deny", 0.1)), answer(("cancel_order", 0.7), ("complain", 0.2))]
    points = {p.sure: p for p in sure_curve(cases, answers, Decision(0.3, 0.1))}
    assert tuple(points) == SURE
    assert (points[0.6].right_or_offered, points[0.6].offered_too) == (0.5, 0)
    assert (points[0.8].right_or_offered, points[0.8].offered_too) == (1, 0.5)


def test_a_button_below_a_wrong_answer_does_not_make_it_right() -> None:
    cases = [case("complain"), case("complain")]
    answers = [answer(("cancel_order", 0.5), ("complain", 0.3))] * 2
    points = curve(cases, answers, Decision(0.55, 0.12, sure=0.9))
    assert {p.right_or_offered for p in points} == {1}
    assert (points[0].tapped, points[-1].tapped) == (1, 0)
    # Asked back they tap at once.
    assert best_trade(points).threshold == 0.55


def test_what_a_second_wish_says_is_not_offered_twice() -> None:
    given = answer(("track_order", 0.7), ("complain", 0.2), second="cancel_order")
    assert decided(given, Decision(0.3, 0.1, sure=0.9)).offered == ()


EXAMPLES = [
    Example("battery life of the smart watch?", "ask_product_info", "en", "a"),
    Example("how long does the parcel take", "ask_product_info", "en", "b"),
    Example("is the battery included", "ask_product_info", "en", "c"),
    Example("the battery is swollen", "report_damaged", "en", "d"),
    Example("where is the parcel", "track_order", "en", "e"),
]


def test_misleading_examples_carry_the_intent_wrongly_given_and_share_rare_words() -> None:
    near = Misleading(EXAMPLES).nearest("the battery is swollen, dangerous", "ask_product_info", 2)
    assert [item.example.place for item in near] == ["c", "a"]
    assert near[0].shared[-1] == "the"
    assert set(near[0].shared) == {"is", "the", "battery"}
    assert 0 < near[0].similarity < 1


def test_misleading_of_an_unknown_intent_or_text_is_nothing_to_fall_over() -> None:
    assert Misleading(EXAMPLES).nearest("anything", "greet") == []
    assert len(Misleading(EXAMPLES).nearest("؟!", "ask_product_info")) == 3


def test_worst_answers_come_surest_first_and_questions_are_none() -> None:
    cases = [case("report_damaged", "a"), case("report_damaged", "b"), case("report_damaged", "c"), case("greet", "d")]
    answers = [
        answer(("ask_product_info", 0.7)),
        answer(("ask_product_info", 0.9)),
        answer(("ask_product_info", 0.4), intent=FALLBACK),
        answer(("greet", 0.99)),
    ]
    found = worst(cases, answers, Misleading(EXAMPLES))
    assert [item.case.text for item in found] == ["b", "a"]
    assert all(near.example.intent == "ask_product_info" for item in found for near in item.misled_by)


def test_confusions_are_counted_and_an_alternative_is_none() -> None:
    cases = [case("greet", "a"), case("greet", "b"), Case("c", "greet", "en", ("thank",)), case("thank", "d")]
    answers = [answer(("thank", 0.9))] * 4
    assert matrix(cases, answers) == (["greet", "thank"], [[1, 2], [0, 1]])
    (pair,) = top_confused(cases, answers)
    assert (pair.wanted, pair.given, pair.count, pair.of, pair.text) == ("greet", "thank", 2, 3, "a")


def test_entities_are_right_with_name_and_value_or_not_at_all() -> None:
    cases = [
        EntityCase("a", "en", (("order_id", "TS-1"), ("city", "Tehran"))),
        EntityCase("b", "en", (("order_id", "TS-2"),)),
        EntityCase("c", "en", ()),
    ]
    found = [
        [("order_id", "TS-1"), ("city", "Karaj"), ("language", "en")],
        [("order_id", "TS-2"), ("order_id", "TS-2")],
        [("carrier", "tipax")],
    ]
    scores = entity_scores(cases, found)
    assert scores["each"]["order_id"] == EntityScore(2, 3, 2, 2 / 3, 1.0)
    assert scores["groups"]["cities"] == EntityScore(1, 1, 0, 0.0, 0.0)
    assert scores["groups"]["carriers"] == EntityScore(0, 1, 0, 0.0, None)
    assert "language" not in scores["each"]
    mistakes = entity_mistakes(cases, found)
    assert [(m.text, m.missed, m.wrong) for m in mistakes] == [
        ("a", ("city: Tehran",), ("city: Karaj",)),
        ("b", (), ("order_id: TS-2",)),
        ("c", (), ("carrier: tipax",)),
    ]


def test_two_wishes_count_in_any_order_and_false_alarms_on_ordinary_messages() -> None:
    wishes = [TwoWishes(str(i), "fa", "track_order", "cancel_order") for i in range(3)]
    heard = [
        answer(("track_order", 0.9), second="cancel_order"),
        answer(("cancel_order", 0.9), second="track_order"),
        answer(("greet", 0.9), second="cancel_order"),
    ]
    cases = [case("greet"), case("thank")]
    scores = wish_scores(wishes, heard, cases, [answer(("greet", 0.9), second="thank"), answer(("thank", 0.9))])
    assert (scores["fa"].messages, scores["fa"].ordinary) == (3, 0)
    assert scores["all"].both == scores["all"].either == pytest.approx(2 / 3)
    assert scores["all"].first == pytest.approx(1 / 3)
    assert scores["en"].false_alarms == scores["all"].false_alarms == 0.5


def test_noise_costs_are_of_the_messages_it_changed() -> None:
    right, wrong = answer(("greet", 0.9)), answer(("thank", 0.9))
    rows = [Noisy(case("greet"), "a", right, wrong), Noisy(case("greet"), "b", right, right)]
    cost = costs({"typos": rows, "tatweel": []}, ["en", "fa"])
    assert broken({"typos": rows, "tatweel": []}) == [Broken("typos", "a", "greet", "thank")]
    assert cost["tatweel"] == {"en": None, "fa": None, "all": None}
    assert cost["typos"]["fa"] is None
    assert cost["typos"]["all"] == cost["typos"]["en"]
    assert cost["typos"]["en"] is not None
    assert (cost["typos"]["en"].changed, cost["typos"]["en"].points) == (2, 50)


@pytest.mark.parametrize(
    ("before", "after", "said"), [(50, 90, "still pay"), (88, 90, "may pay"), (90, 90, "hardly pays; mend")]
)
def test_the_learning_curve_is_said_in_words(before: int, after: int, said: str) -> None:
    cases = [case("greet")] * 100
    right, wrong = answer(("greet", 0.9)), answer(("thank", 0.9))
    learnt = [Learnt(n, [right] * k + [wrong] * (100 - k)) for n, k in ((75, before), (100, after))]
    assert said in whether_more_pays(cases, learnt, ["en", "all"])
