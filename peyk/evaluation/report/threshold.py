"""What the thresholds trade: asking back, offering more, accepting what is out of scope, turning customers away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from peyk.domain.meanings import other_meanings, suggestions
from peyk.evaluation.scores import FALLBACK, Answer, Decision, is_right_or_offered, score
from peyk.evaluation.testset import Case

THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(1, 19))
SURE = (0.0, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98)
# A question costs a customer one turn; a wrong answer is read, found wrong, and said again in other words.
A_WRONG_ANSWER = 3
# It is read first, then its button found and tapped.
A_WRONG_ANSWER_WITH_THE_RIGHT_BUTTON = 2


@dataclass(frozen=True, slots=True)
class Point:
    """The shares, 0 to 1, at one threshold and one confidence that counts as sure.

    `tapped`: answered wrongly, with the right meaning on a button below.
    """

    threshold: float
    sure: float
    asked_back: float
    offered_too: float
    tapped: float
    wrongly_accepted: float
    wrongly_refused: float
    right_or_offered: float


def curve(cases: Sequence[Case], answers: Sequence[Answer], decision: Decision) -> list[Point]:
    """Return the shares at each threshold, other settings staying what they are."""
    return [point(cases, answers, replace(decision, threshold=threshold)) for threshold in THRESHOLDS]


def sure_curve(cases: Sequence[Case], answers: Sequence[Answer], decision: Decision) -> list[Point]:
    """Return the shares at each confidence from which on nothing else is offered below an answer."""
    return [point(cases, answers, replace(decision, sure=sure)) for sure in SURE]


def point(cases: Sequence[Case], answers: Sequence[Answer], decision: Decision) -> Point:
    """Return the shares with these settings."""
    given = [decided(answer, decision) for answer in answers]
    scores = score(cases, given)
    tapped = [
        answer.intent != FALLBACK and not case.accepts(answer.intent) and is_right_or_offered(case, answer)
        for case, answer in zip(cases, given, strict=True)
    ]
    return Point(
        decision.threshold,
        decision.sure,
        scores.asked_back,
        scores.offered_too,
        sum(tapped) / len(cases) if cases else 0.0,
        scores.wrongly_accepted,
        scores.wrongly_refused,
        scores.right_or_offered,
    )


def decided(answer: Answer, decision: Decision) -> Answer:
    """Return the answer as Rasa's FallbackClassifier and our OtherMeanings would have it with these settings."""
    if answer.nothing_known:
        return answer
    second = answer.ranking[1][1] if len(answer.ranking) > 1 else None
    ambiguous = second is not None and answer.confidence - second < decision.ambiguity
    if answer.confidence < decision.threshold or ambiguous:
        return replace(answer, intent=FALLBACK, offered=tuple(suggestions(answer.ranking)))
    offered = () if answer.second else other_meanings(answer.ranking, decision.sure)
    return replace(answer, intent=answer.best, offered=tuple(offered))


def best_trade(points: Sequence[Point]) -> Point:
    """Return the point at which customers lose the fewest turns; of equal ones the lowest threshold."""
    return min(points, key=lambda p: (round(lost_turns(p), 4), p.threshold))


def lost_turns(p: Point) -> float:
    """Return how many turns a message costs beyond its answer, on average."""
    wrong = A_WRONG_ANSWER * (1 - p.right_or_offered)
    return p.asked_back + A_WRONG_ANSWER_WITH_THE_RIGHT_BUTTON * p.tapped + wrong
