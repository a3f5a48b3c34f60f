"""Figures of an evaluation: what was right, what was asked back, how far confidence can be believed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from peyk.evaluation.testset import Case

FALLBACK = "nlu_fallback"
OUT_OF_SCOPE = "out_of_scope"
BINS = 10
# Below it a difference is called more than chance, as is usual.
SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class Answer:
    """What the assistant understood of one case.

    `intent` is the decision (`nlu_fallback`: it asks back), `ranking` the meanings with their confidence, likeliest
    first and without `nlu_fallback`, `offered` what stands on the buttons where it asks back, or below the answer where
    it was not sure, `second` a further wish heard in the message, offered after the answer. `nothing_known`: asked back
    whatever the threshold, for no word of it was ever seen.
    """

    intent: str
    ranking: tuple[tuple[str, float], ...]
    offered: tuple[str, ...] = ()
    second: str | None = None
    nothing_known: bool = False

    @property
    def best(self) -> str:
        """The likeliest meaning, also where it was not sure enough."""
        return self.ranking[0][0] if self.ranking else FALLBACK

    @property
    def confidence(self) -> float:
        """The confidence of the likeliest meaning."""
        return self.ranking[0][1] if self.ranking else 0.0


@dataclass(frozen=True, slots=True)
class Decision:
    """Confidences, 0 to 1, from which on a pipeline answers, and answers without offering anything else.

    `ambiguity`: the two likeliest lie closer than this: asked back.
    """

    threshold: float
    ambiguity: float
    sure: float = 0.0


@dataclass(frozen=True, slots=True)
class Scores:
    """Shares of 0 to 1 over a set of cases.

    `accuracy`: the likeliest meaning is right. `right_or_offered`: the decision is right or the right meaning is
    offered; out of scope, asking back is right too. `asked_back`: all that were answered with a question.
    `offered_too`: all that were answered with other meanings below the answer.
    `wrongly_refused`: of the messages in scope those called out of scope, or asked back, without the right meaning
    among the buttons. `wrongly_accepted`: of the messages out of scope those answered as if in scope.
    """

    cases: int
    accuracy: float
    macro_f1: float
    right_or_offered: float
    asked_back: float
    offered_too: float
    wrongly_refused: float
    wrongly_accepted: float


def score(cases: Sequence[Case], answers: Sequence[Answer]) -> Scores:
    """Return the scores of `answers` to `cases`, in the same order."""
    pairs = list(zip(cases, answers, strict=True))
    inside = [(case, answer) for case, answer in pairs if case.intent != OUT_OF_SCOPE]
    outside = [(case, answer) for case, answer in pairs if case.intent == OUT_OF_SCOPE]
    return Scores(
        len(pairs),
        _share(pairs, lambda case, answer: case.accepts(answer.best)),
        macro_f1(cases, answers),
        _share(pairs, is_right_or_offered),
        _share(pairs, lambda _, answer: answer.intent == FALLBACK),
        _share(pairs, lambda _, answer: answer.intent != FALLBACK and bool(answer.offered)),
        _share(inside, is_refused),
        _share(outside, lambda case, answer: answer.intent != FALLBACK and not case.accepts(answer.intent)),
    )


def by_language(cases: Sequence[Case], answers: Sequence[Answer]) -> dict[str, Scores]:
    """Return the scores of each language, and of all under "all"."""
    groups: dict[str, tuple[list[Case], list[Answer]]] = defaultdict(lambda: ([], []))
    for case, answer in zip(cases, answers, strict=True):
        for name in (case.language, "all"):
            groups[name][0].append(case)
            groups[name][1].append(answer)
    names = [*(name for name in groups if name != "all"), "all"]
    return {name: score(*groups[name]) for name in names if name in groups}


def is_right_or_offered(case: Case, answer: Answer) -> bool:
    """Tell whether the customer gets on: understood, or the right meaning is on a button."""
    if answer.intent == FALLBACK and case.intent == OUT_OF_SCOPE:
        return True
    return any(case.accepts(name) for name in (answer.intent, *answer.offered, answer.second) if name)


def is_refused(case: Case, answer: Answer) -> bool:
    """Tell whether a message in scope was turned away: called out of scope, or asked back about other things only."""
    if answer.intent in (FALLBACK, OUT_OF_SCOPE):
        return not is_right_or_offered(case, answer)
    return False


def macro_f1(cases: Sequence[Case], answers: Sequence[Answer]) -> float:
    """Return the mean F1 of the intents in `cases`; an acceptable alternative counts as the case's own intent."""
    right: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    given: Counter[str] = Counter()
    for case, answer in zip(cases, answers, strict=True):
        said = case.intent if case.accepts(answer.best) else answer.best
        wanted[case.intent] += 1
        given[said] += 1
        right[case.intent] += said == case.intent
    values = [2 * right[name] / (wanted[name] + given[name]) for name in wanted]
    return sum(values) / len(values) if values else 0.0


def calibration(cases: Sequence[Case], answers: Sequence[Answer]) -> list[tuple[int, float, float]]:
    """Return (number, mean confidence, share right) of each tenth of the confidence scale that has any."""
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for case, answer in zip(cases, answers, strict=True):
        bins[min(BINS - 1, int(answer.confidence * BINS))].append((answer.confidence, case.accepts(answer.best)))
    return [
        (len(rows), sum(c for c, _ in rows) / len(rows), sum(ok for _, ok in rows) / len(rows))
        for _, rows in sorted(bins.items())
    ]


def expected_calibration_error(cases: Sequence[Case], answers: Sequence[Answer]) -> float:
    """Return by how much confidence and share right differ, the mean over all cases in ten bins, 0 to 1."""
    bins = calibration(cases, answers)
    total = sum(count for count, _, _ in bins)
    return sum(count * abs(confidence - right) for count, confidence, right in bins) / total if total else 0.0


def alone_right(cases: Sequence[Case], first: Sequence[Answer], second: Sequence[Answer]) -> tuple[int, int]:
    """Return how many cases only the `first` answers got right, and how many only the `second`."""
    right = [(case.accepts(a.best), case.accepts(b.best)) for case, a, b in zip(cases, first, second, strict=True)]
    return sum(a and not b for a, b in right), sum(b and not a for a, b in right)


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the probability of a split at least as uneven where the two are equally good: exact, two-sided."""
    total, least = only_first + only_second, min(only_first, only_second)
    ways, tail = 1, 1
    for k in range(least):
        ways = ways * (total - k) // (k + 1)
        tail += ways
    # Whole numbers until the division: a float has no room for 2 to the power of some thousand.
    return min(1.0, 2 * tail / 2**total) if total else 1.0


def _share(pairs: Sequence[tuple[Case, Answer]], holds: Callable[[Case, Answer], bool]) -> float:
    return sum(holds(case, answer) for case, answer in pairs) / len(pairs) if pairs else 0.0
