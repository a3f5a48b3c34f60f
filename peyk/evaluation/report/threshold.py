"""What the thresholds trade: asking back, offering more, accepting what is out of scope, turning customers away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from peyk.domain.meanings import HARMLESS, other_meanings, suggestions
from peyk.evaluation.scores import FALLBACK, Answer, Decision, score
from peyk.evaluation.testset import Case

THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(1, 19))
SURE = (0.0, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98)
# A question costs a customer one turn; a wrong answer is read, found wrong, and said again in other words.
A_WRONG_ANSWER = 3


@dataclass(frozen=True, slots=True)
class Point:
    """The shares, 0 to 1, at one threshold and one confidence that counts as sure."""

    threshold: float
    sure: float
    asked_back: float
    offered_too: float
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
    scores = score(cases, [decided(answer, decision) for answer in answers])
    return Point(
        decision.threshold,
        decision.sure,
        scores.asked_back,
        scores.offered_too,
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
    harmless = answer.best in HARMLESS and answer.confidence >= decision.harmless
    if (answer.confidence < decision.threshold or ambiguous) and not harmless:
        return replace(answer, intent=FALLBACK, offered=tuple(suggestions(answer.ranking)))
    offered = () if answer.second else other_meanings(answer.ranking, decision.sure)
    return replace(answer, intent=answer.best, offered=tuple(offered))


def best_trade(points: Sequence[Point]) -> Point:
    """Return the point at which customers lose the fewest turns; of equal ones the lowest threshold."""
    return max(points, key=lambda p: (round(A_WRONG_ANSWER * p.right_or_offered - p.asked_back, 4), -p.threshold))
