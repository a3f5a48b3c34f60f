"""Every figure of the report, as the file for machines and the page for people have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from peyk.evaluation.report.collect import Evidence, Learnt
from peyk.evaluation.report.confusion import Confused, Worst, matrix, top_confused, worst
from peyk.evaluation.report.entities import EntityMistake, EntityScore, entity_mistakes, entity_scores
from peyk.evaluation.report.misleading import Misleading
from peyk.evaluation.report.robustness import Broken, Cost, broken, costs
from peyk.evaluation.report.threshold import Point, curve, point, sure_curve
from peyk.evaluation.report.wishes import WishScore, wish_scores
from peyk.evaluation.scores import (
    SIGNIFICANT,
    Answer,
    Decision,
    Scores,
    alone_right,
    by_language,
    calibration,
    expected_calibration_error,
    mcnemar,
)
from peyk.evaluation.testset import Case

ALL = "all"
# A pipeline without a fallback never asks because two are close.
_NO_AMBIGUITY = 0.0
# A rise nobody would write examples for.
_PAYS_POINTS = 0.5


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far confidence can be believed: the error, and (number, mean confidence, share right) of each tenth."""

    ece: float
    bins: list[tuple[int, float, float]]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The curves on unseen training examples, by which to choose, and on the test set, to look at."""

    configured: float | None
    ambiguity: float
    sure: float
    folds: int
    training: list[Point]
    test: list[Point]
    now_training: Point | None
    now_test: Point | None
    sure_training: list[Point]
    sure_test: list[Point]


@dataclass(frozen=True, slots=True)
class Step:
    """Accuracy by language of a model of so many examples."""

    examples: int
    accuracy: dict[str, float]


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures; shares are 0 to 1, costs points of 100."""

    at: str
    config: str
    examples: dict[str, int]
    training_s: float
    model_mb: float
    ordinary: dict[str, Scores]
    hard: dict[str, Scores]
    every: dict[str, Scores]
    robustness: dict[str, dict[str, Cost | None]]
    broken_by_noise: list[Broken]
    entities: dict[str, dict[str, EntityScore]]
    entity_mistakes: list[EntityMistake]
    two_wishes: dict[str, WishScore]
    intents: list[str]
    confusions: list[list[int]]
    top_confused: dict[str, list[Confused]]
    calibration: dict[str, Calibration]
    thresholds: Thresholds
    worst: list[Worst]
    learning: list[Step]
    learning_says: str


def figures(evidence: Evidence) -> Figures:
    """Count everything."""
    cases, answers, languages = evidence.tests.cases, evidence.answers, evidence.tests.languages
    intents, counts = matrix(cases, answers)
    examples = _counts([example.language for example in evidence.examples])
    parts = {name: _of_language(cases, answers, name) for name in (*languages, ALL)}
    steps = [Step(learnt.examples, _accuracy(cases, learnt)) for learnt in evidence.learning]
    return Figures(
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        config=str(evidence.project.config),
        examples=examples,
        training_s=round(evidence.training_s, 1),
        model_mb=round(evidence.model_mb, 2),
        ordinary=_scores(cases, answers, hard=False),
        hard=_scores(cases, answers, hard=True),
        every=by_language(cases, answers),
        robustness=costs(evidence.noisy, languages),
        broken_by_noise=broken(evidence.noisy),
        entities=entity_scores(evidence.tests.entities, evidence.found),
        entity_mistakes=entity_mistakes(evidence.tests.entities, evidence.found),
        two_wishes=wish_scores(evidence.tests.wishes, evidence.heard, cases, answers),
        intents=intents,
        confusions=counts,
        top_confused={name: top_confused(*part) for name, part in parts.items()},
        calibration={
            name: Calibration(expected_calibration_error(*part), calibration(*part)) for name, part in parts.items()
        },
        thresholds=_thresholds(evidence),
        worst=worst(cases, answers, Misleading(evidence.examples)),
        learning=steps,
        learning_says=whether_more_pays(cases, evidence.learning, list(examples)) if steps else "",
    )


def whether_more_pays(cases: Sequence[Case], curve: Sequence[Learnt], written_in: Sequence[str]) -> str:
    """Return one sentence on what the last part of the examples brought; `written_in` are the examples' languages."""
    before, last = curve[-2], curve[-1]
    old, new = _accuracy(cases, before), _accuracy(cases, last)
    gains = {name: 100 * (new[name] - old[name]) for name in new}
    most = max((name for name in gains if name in written_in), key=lambda name: gains[name], default=ALL)
    by_chance = mcnemar(*alone_right(cases, before.answers, last.answers))
    brought = (
        f"The last {last.examples - before.examples} examples brought {gains[ALL]:+.1f} points (p = {by_chance:.2f})"
    )
    if gains[ALL] >= _PAYS_POINTS and by_chance < SIGNIFICANT:
        return f"{brought}: more examples still pay, most of all in {most} ({gains[most]:+.1f})."
    if gains[ALL] >= _PAYS_POINTS:
        return f"{brought}, which may be chance: more examples may pay, most likely in {most} ({gains[most]:+.1f})."
    if gains[most] >= 2 * _PAYS_POINTS:
        return f"{brought}: more of the same hardly pays, except perhaps in {most} ({gains[most]:+.1f})."
    return f"{brought}: more of the same hardly pays; mend the confused pairs instead."


def _thresholds(evidence: Evidence) -> Thresholds:
    decision = evidence.decision or Decision(0.0, _NO_AMBIGUITY)
    training, test = (evidence.asked, evidence.unseen), (evidence.tests.cases, evidence.answers)
    now = [point(*part, decision) if evidence.decision else None for part in (training, test)]
    return Thresholds(
        configured=evidence.decision.threshold if evidence.decision else None,
        ambiguity=decision.ambiguity,
        sure=decision.sure,
        folds=evidence.folds,
        training=curve(*training, decision),
        test=curve(*test, decision),
        now_training=now[0],
        now_test=now[1],
        sure_training=sure_curve(*training, decision),
        sure_test=sure_curve(*test, decision),
    )


def _of_language(cases: Sequence[Case], answers: Sequence[Answer], name: str) -> tuple[list[Case], list[Answer]]:
    pairs = [(c, a) for c, a in zip(cases, answers, strict=True) if name in {ALL, c.language}]
    return [case for case, _ in pairs], [answer for _, answer in pairs]


def _scores(cases: Sequence[Case], answers: Sequence[Answer], *, hard: bool) -> dict[str, Scores]:
    pairs = [(c, a) for c, a in zip(cases, answers, strict=True) if c.hard == hard]
    return by_language([case for case, _ in pairs], [answer for _, answer in pairs])


def _accuracy(cases: Sequence[Case], learnt: Learnt) -> dict[str, float]:
    return {name: scores.accuracy for name, scores in by_language(cases, learnt.answers).items()}


def _counts(names: Sequence[str]) -> dict[str, int]:
    return {**{name: names.count(name) for name in dict.fromkeys(names)}, ALL: len(names)}
