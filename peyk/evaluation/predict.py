"""Train the project's pipeline, or another, and ask it: by Rasa itself, as it runs at a shop."""

from __future__ import annotations

import asyncio
import logging
import os
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import skops.io  # noqa: F401  before Rasa: it starts faster this way
import yaml
from rasa.core.agent import Agent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.model_training import train_nlu
from rasa.shared.exceptions import RasaException
from rasa.utils.log_utils import configure_structlog

from peyk.connector import speedups
from peyk.domain.meanings import suggestions
from peyk.evaluation.examples import BadExamples, Example, read_yaml, with_marks
from peyk.evaluation.scores import FALLBACK, Answer, Decision
from peyk.nlu.keys import OTHERS, SECOND_WISH
from peyk.nlu.other_meanings import OtherMeanings

# One of Rasa's libraries turns on what others should mend in their code; a designer cannot.
warnings.filterwarnings("ignore", category=DeprecationWarning)

_CLASSIFIER = DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER


class BadPipeline(ValueError):
    """A pipeline cannot be trained; says which and why, in one line."""


class Understanding:
    """A loaded model; answers one text at a time, as the assistant would."""

    def __init__(self, model: Path) -> None:
        """Load the model file."""
        # Unconfigured, structlog prints what customers type.
        configure_structlog(logging.ERROR)
        self._agent = Agent.load(str(model))
        self._loop = asyncio.new_event_loop()

    def parse(self, text: str) -> dict[str, Any]:
        """Return what Rasa makes of `text`: intent, intent_ranking, entities."""
        return dict(self._loop.run_until_complete(self._agent.parse_message(text)))

    def answers(self, texts: Iterable[str]) -> list[Answer]:
        """Return what is understood of each text."""
        return [answer_of(self.parse(text)) for text in texts]

    def close(self) -> None:
        """Give the event loop back."""
        self._loop.close()


@contextmanager
def understanding(model: Path) -> Iterator[Understanding]:
    """Load a model and close it afterwards."""
    loaded = Understanding(model)
    try:
        yield loaded
    finally:
        loaded.close()


def answer_of(parsed: dict[str, Any]) -> Answer:
    """Return the answer in a parse result."""
    intent = parsed["intent"]
    rows = [(row["name"], float(row["confidence"])) for row in parsed.get("intent_ranking", [])]
    ranking = tuple(row for row in rows if row[0] != FALLBACK)
    name = intent["name"] or FALLBACK
    second = (parsed.get(SECOND_WISH) or {}).get("name")
    offered = suggestions(ranking) if name == FALLBACK else parsed.get(OTHERS) or ()
    # Rasa's fallback has its threshold for a confidence; only our guard is certain.
    nothing_known = name == FALLBACK and (not ranking or intent["confidence"] == 1.0)
    return Answer(name, ranking, tuple(offered), second, nothing_known)


def check_pipeline(config: Path) -> None:
    """Raise BadPipeline when `config` is not there, is no configuration, or has nothing that learns intents."""
    try:
        content = read_yaml(config)
    except OSError as error:
        raise BadPipeline(f"{config}: there is no such configuration") from error
    except BadExamples as error:
        raise BadPipeline(str(error)) from error
    pipeline = content.get("pipeline") if isinstance(content, dict) else None
    if not isinstance(pipeline, list) or not pipeline:
        raise BadPipeline(f"{config}: it has no `pipeline:`")
    try:
        parts = [DefaultV1Recipe._from_registry(part["name"]) for part in pipeline]
    except (RasaException, ImportError, KeyError, TypeError) as error:
        raise BadPipeline(f"{config}: {_first_line(error)}") from error
    if not any(_CLASSIFIER in part.types and part.is_trainable for part in parts):
        raise BadPipeline(f"{config}: nothing in its pipeline learns intents; add a classifier")


def decision_of(config: Path) -> Decision | None:
    """Return how the pipeline decides from confidences on, None without Rasa's FallbackClassifier."""
    parts = {part["name"].rpartition(".")[2]: part for part in read_yaml(config)["pipeline"]}
    if "FallbackClassifier" not in parts:
        return None
    fallback = parts["FallbackClassifier"]
    decision = Decision(float(fallback.get("threshold", 0.3)), float(fallback.get("ambiguity_threshold", 0.1)))
    if "OtherMeanings" not in parts:
        return decision
    others = {**OtherMeanings.get_default_config(), **parts["OtherMeanings"]}
    return replace(decision, sure=float(others["sure"]))


def train(
    config: Path, examples: Sequence[Example] | Path, folder: Path, domain: Path | None = None, log: Path | None = None
) -> Path:
    """Train the pipeline of `config` and return the model file in `folder`.

    `examples` is a folder of Rasa's NLU files, or examples themselves (with their entity marks, without what else the
    files hold). Rasa's cache is kept in `folder`, so that nothing is taken from an earlier training. What Rasa says
    meanwhile goes to `log`. Raises BadPipeline when Rasa cannot train it.
    """
    check_pipeline(config)
    _as_at_a_shop()
    folder.mkdir(parents=True, exist_ok=True)
    data = examples if isinstance(examples, Path) else written(examples, folder / "nlu.yml")
    os.environ["RASA_CACHE_DIRECTORY"] = str(folder / "cache")
    configure_structlog(logging.ERROR)
    where = str(domain) if domain else None
    try:
        with _said_to(log):
            path = train_nlu(str(config), str(data), str(folder), fixed_model_name="model", domain=where)
    except RasaException as error:
        raise BadPipeline(f"{config}: {_first_line(error)}") from error
    if path is None:
        raise BadPipeline(f"{config}: Rasa trained no model of it; see {log or 'above'}")
    return Path(path)


@cache
def _as_at_a_shop() -> None:
    """Read the examples as fast as `make train` does; once is enough."""
    for step in speedups.FOR_TRAINING if speedups.enabled() else ():
        step()


@contextmanager
def _said_to(log: Path | None) -> Iterator[None]:
    """Send what is printed to the end of `log`."""
    if log is None:
        yield
        return
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8", buffering=1) as file, redirect_stdout(file), redirect_stderr(file):
        yield


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def written(examples: Sequence[Example], path: Path) -> Path:
    """Write the examples to `path` as one of Rasa's NLU files, and return it."""
    texts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for example in examples:
        texts[example.intent, example.language].append(with_marks(example))
    blocks = [
        {"intent": intent, "metadata": {"language": language}, "examples": "".join(f"- {text}\n" for text in rows)}
        for (intent, language), rows in texts.items()
    ]
    path.write_text(yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True), encoding="utf-8")
    return path
