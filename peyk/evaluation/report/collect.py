"""Train, ask, and keep what was answered: everything the page shows is counted from this."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from peyk.evaluation.examples import Example, read_examples
from peyk.evaluation.noise import NOISES
from peyk.evaluation.predict import Understanding, decision_of, train, understanding
from peyk.evaluation.report.entities import Found
from peyk.evaluation.report.robustness import Noisy
from peyk.evaluation.scores import Answer, Decision
from peyk.evaluation.split import folds, share_of
from peyk.evaluation.testset import Case, EntityCase, TwoWishes, read_cases, read_entity_cases, read_two_wishes
from peyk.launcher.console import step

LEARNING_SHARES = (0.25, 0.5, 0.75)


@dataclass(frozen=True, slots=True)
class Project:
    """Where everything is."""

    config: Path
    examples: Path
    domain: Path
    tests: Path
    log: Path


@dataclass(frozen=True, slots=True)
class BlindSet:
    """The three parts of the blind test set."""

    cases: list[Case]
    entities: list[EntityCase]
    wishes: list[TwoWishes]

    @property
    def languages(self) -> list[str]:
        """The languages in the order of the files."""
        return list(dict.fromkeys(case.language for case in self.cases))


@dataclass(frozen=True, slots=True)
class Learnt:
    """What a model of a share of the examples answered to the cases."""

    examples: int
    answers: list[Answer]


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that was asked and answered; `unseen` are the answers to the examples (`asked`) of models without them."""

    project: Project
    examples: list[Example]
    tests: BlindSet
    decision: Decision | None
    training_s: float
    model_mb: float
    answers: list[Answer]
    noisy: dict[str, list[Noisy]]
    found: list[Found]
    heard: list[Answer]
    folds: int
    asked: list[Case]
    unseen: list[Answer]
    learning: list[Learnt]


def read_tests(folder: Path) -> BlindSet:
    """Return the test set. Raises BadExamples or FileNotFoundError."""
    return BlindSet(read_cases(folder), read_entity_cases(folder), read_two_wishes(folder))


def collect(project: Project, number_of_folds: int, *, quick: bool) -> Evidence:
    """Train and ask everything; `quick` leaves the learning curve out."""
    tests = read_tests(project.tests)
    examples = read_examples(project.examples)
    with TemporaryDirectory(prefix="peyk-nlu-") as name:
        folder = Path(name)
        started = time.monotonic()
        with step(f"training on {len(examples)} examples"):
            model = train(project.config, project.examples, folder / "whole", project.domain, project.log)
        training_s = time.monotonic() - started
        with understanding(model) as loaded:
            with step(f"asking {len(tests.cases)} test cases"):
                answers = loaded.answers(case.text for case in tests.cases)
                found = [_entities(loaded, case.text) for case in tests.entities]
                heard = loaded.answers(wish.text for wish in tests.wishes)
            noisy = {noise: _with_noise(loaded, noise, tests.cases, answers) for noise in NOISES}
        asked, unseen = _cross_validated(project, examples, number_of_folds, folder)
        learning = [] if quick else _learning(project, examples, tests.cases, folder)
        return Evidence(
            project,
            examples,
            tests,
            decision_of(project.config),
            training_s,
            model.stat().st_size / 1e6,
            answers,
            noisy,
            found,
            heard,
            number_of_folds,
            asked,
            unseen,
            [*learning, Learnt(len(examples), answers)] if learning else [],
        )


def _entities(loaded: Understanding, text: str) -> Found:
    return [(str(item["entity"]), str(item["value"])) for item in loaded.parse(text)["entities"]]


def _with_noise(loaded: Understanding, noise: str, cases: Sequence[Case], answers: Sequence[Answer]) -> list[Noisy]:
    rows = []
    with step(f"asking with noise: {noise}"):
        for case, clean in zip(cases, answers, strict=True):
            text = NOISES[noise](case.text)
            if text != case.text:
                rows.append(Noisy(case, text, clean, loaded.answers([text])[0]))
    return rows


def _cross_validated(
    project: Project, examples: Sequence[Example], number: int, folder: Path
) -> tuple[list[Case], list[Answer]]:
    """Return every example as a case, and what a model that has not seen it answers."""
    cases: list[Case] = []
    answers: list[Answer] = []
    for index, (seen, unseen) in enumerate(folds(examples, number), start=1):
        with step(f"cross-validation for the threshold, {index} of {number}"):
            part = [Case(example.text, example.intent, example.language) for example in unseen]
            cases += part
            answers += _trained_on(project, seen, part, folder / f"fold-{index}")
    return cases, answers


def _learning(project: Project, examples: Sequence[Example], cases: Sequence[Case], folder: Path) -> list[Learnt]:
    curve = []
    for share in LEARNING_SHARES:
        part = share_of(examples, share)
        with step(f"learning curve: {share:.0%} of the examples"):
            curve.append(Learnt(len(part), _trained_on(project, part, cases, folder / f"share-{share}")))
    return curve


def _trained_on(project: Project, examples: Sequence[Example], cases: Sequence[Case], folder: Path) -> list[Answer]:
    model = train(project.config, examples, folder, project.domain, project.log)
    with understanding(model) as loaded:
        return loaded.answers(case.text for case in cases)
