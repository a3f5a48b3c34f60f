"""The figures of an evaluation, counted by hand beside."""

from __future__ import annotations

import pytest

from peyk.evaluation.scores import (
    FALLBACK,
    OUT_OF_SCOPE,
    Answer,
    alone_right,
    by_language,
    calibration,
    expected_calibration_error,
    is_refused,
    is_right_or_offered,
    macro_f1,
    mcnemar,
    score,
)
from peyk.evaluation.testset import Case


def case(intent: str, language: str = "en", *also: str) -> Case:
    return Case(f"about {intent}", intent, language, also)


def sure(intent: str, confidence: float = 0.9) -> Answer:
    return Answer(intent, ((intent, confidence),))


def asks(*offered: str) -> Answer:
    return Answer(FALLBACK, tuple((name, 0.3) for name in offered), offered)


def test_accuracy_is_of_the_likeliest_meaning_and_an_alternative_counts() -> None:
    cases = [case("track_order"), case("complain", "en", "report_delay"), case("greet"), case("thank")]
    answers = [sure("track_order"), sure("report_delay"), sure("goodbye"), asks("thank")]
    assert score(cases, answers).accuracy == 0.75


@pytest.mark.parametrize(
    ("meant", "answer", "gets_on", "refused"),
    [
        ("track_order", sure("track_order"), True, False),
        ("track_order", sure("greet"), False, False),
        ("track_order", asks("greet", "track_order"), True, False),
        ("track_order", asks("greet"), False, True),
        ("track_order", sure(OUT_OF_SCOPE), False, True),
        ("track_order", Answer("complain", (("complain", 0.7),), ("track_order",)), True, False),
        ("track_order", Answer(OUT_OF_SCOPE, ((OUT_OF_SCOPE, 0.7),), ("track_order",)), True, False),
        ("track_order", Answer("complain", (("complain", 0.9),), (), "track_order"), True, False),
        (OUT_OF_SCOPE, Answer("complain", (("complain", 0.7),), ("track_order",)), False, False),
        (OUT_OF_SCOPE, asks("greet"), True, False),
        (OUT_OF_SCOPE, sure(OUT_OF_SCOPE), True, False),
        (OUT_OF_SCOPE, sure("greet"), False, False),
    ],
)
def test_who_gets_on_and_who_is_turned_away(meant: str, answer: Answer, *, gets_on: bool, refused: bool) -> None:
    assert is_right_or_offered(case(meant), answer) is gets_on
    assert is_refused(case(meant), answer) is refused


def test_refused_is_a_share_of_those_in_scope_and_accepted_of_those_out_of_it() -> None:
    cases = [
        case("greet"),
        case("greet"),
        case(OUT_OF_SCOPE),
        case(OUT_OF_SCOPE),
        case(OUT_OF_SCOPE),
        case(OUT_OF_SCOPE),
    ]
    answers = [sure("greet"), sure(OUT_OF_SCOPE), sure("greet"), asks("greet"), sure(OUT_OF_SCOPE), asks()]
    scores = score(cases, answers)
    assert (scores.wrongly_refused, scores.wrongly_accepted) == (0.5, 0.25)
    assert scores.asked_back == pytest.approx(2 / 6)


def test_macro_f1_weighs_every_intent_alike() -> None:
    cases = [case("greet")] * 3 + [case("thank")]
    answers = [sure("greet")] * 4
    # greet: 3 right of 3 wanted and 4 given; thank: none.
    assert macro_f1(cases, answers) == pytest.approx((6 / 7 + 0) / 2)


def test_languages_come_in_their_order_and_all_last() -> None:
    scores = by_language([case("greet", "fa"), case("greet", "en")], [sure("greet"), sure("thank")])
    assert list(scores) == ["fa", "en", "all"]
    assert [one.accuracy for one in scores.values()] == [1, 0, 0.5]


def test_calibration_compares_confidence_with_what_was_right() -> None:
    cases = [case("greet")] * 4
    answers = [sure("greet", 0.95), sure("greet", 0.95), sure("thank", 0.55), sure("greet", 0.55)]
    assert calibration(cases, answers) == [(2, 0.55, 0.5), (2, 0.95, 1.0)]
    assert expected_calibration_error(cases, answers) == pytest.approx(0.05)


def test_full_confidence_lies_in_the_last_tenth() -> None:
    assert calibration([case("greet")], [sure("greet", 1.0)]) == [(1, 1.0, 1.0)]


def test_nothing_asked_is_no_fault() -> None:
    assert score([], []).accuracy == 0
    assert expected_calibration_error([], []) == 0


def test_what_each_gets_right_alone_and_whether_chance_would_do_that() -> None:
    cases = [case("greet")] * 3
    first, second = [sure("greet"), sure("greet"), sure("thank")], [sure("thank"), sure("greet"), sure("greet")]
    assert alone_right(cases, first, second) == (1, 1)
    assert mcnemar(0, 0) == mcnemar(5, 5) == 1
    # Ten of ten on one side: twice a half to the power of ten.
    assert mcnemar(10, 0) == mcnemar(0, 10) == pytest.approx(2 / 1024)
    assert 0 < mcnemar(4000, 3000) < 1e-20
