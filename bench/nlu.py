"""`make bench-nlu`: our pipeline, Rasa's default and stock logistic regression on the same examples and cases."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from peyk.errors import PeykError
from peyk.evaluation.examples import BadExamples, read_examples
from peyk.evaluation.predict import written
from peyk.evaluation.split import share_of
from peyk.evaluation.testset import read_cases
from peyk.launcher.console import complain, say, step

OURS = "Peyk"
PIPELINES = {
    OURS: Path("config.yml"),
    "Rasa's default (DIET)": Path("bench/pipelines/diet.yml"),
    "logistic regression": Path("bench/pipelines/logistic.yml"),
}
DEFAULT_EPOCHS = 100
# Columns of the table: head, key, decimals. Ratios to ours are of these.
COSTS = (
    ("training s", "training_s", 1),
    ("training MiB", "training_peak_mib", 0),
    ("model MB", "model_mb", 2),
    ("load s", "load_s", 2),
    ("p50 ms", "parse_p50_ms", 2),
    ("p99 ms", "parse_p99_ms", 2),
    ("peak MiB", "peak_mib", 0),
)
# What is said of the learning, not handed to the process that measures.
_LEARNING = ("epochs", "share")
Figures = dict[str, Any]


class CannotMeasure(PeykError):
    """A pipeline could not be measured; says which, and where its log is."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What every pipeline is given, what share of the examples that is, and how long DIET learns."""

    examples: Path
    domain: Path
    tests: Path
    epochs: int
    share: float


def measure(name: str, config: Path, inputs: Inputs, folder: Path, log: Path) -> Figures:
    """Train one pipeline, then load and ask it, each in a fresh process; their figures in one."""
    figures: Figures = {}
    config = with_epochs(config, inputs.epochs, folder)
    log.parent.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)
    for what, title in (("train", "training"), ("ask", "asking")):
        out = folder / f"{what}.json"
        with step(f"{name}: {title}, log in {log}"), log.open("ab") as file:
            paths = {**asdict(inputs), "config": config, "folder": folder, "out": out}
            options = [f"--{key}={value}" for key, value in paths.items() if key not in _LEARNING]
            command = [sys.executable, "-m", "bench.nlu_measure", what, *options]
            done = subprocess.run(command, stdout=file, stderr=file, env=_env(), check=False)
        if done.returncode or not out.exists():
            raise CannotMeasure(f"{name} could not be measured; see {log}")
        figures |= json.loads(out.read_text(encoding="utf-8"))
    return figures


def with_epochs(config: Path, epochs: int, folder: Path) -> Path:
    """Return the configuration, or a copy in `folder` in which what learns in epochs does so many."""
    content = yaml.safe_load(config.read_text(encoding="utf-8"))
    learners = [part for part in content["pipeline"] if "epochs" in part and part["epochs"] != epochs]
    folder.mkdir(parents=True, exist_ok=True)
    if not learners:
        return config
    for part in learners:
        part["epochs"] = epochs
    path = folder / "config.yml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def lines(results: Mapping[str, Figures]) -> list[str]:
    """Return the tables: what was right, what it costs, and both as ratios to ours."""
    languages = list(results[OURS]["scores"])
    right = [[name, *(_percent(figures, language) for language in languages)] for name, figures in results.items()]
    accepted = [100 * figures["scores"]["all"]["wrongly_accepted"] for figures in results.values()]
    for row, share in zip(right, accepted, strict=True):
        row.append(f"{share:.1f}")
    costs = [[name, *(f"{figures[key]:.{digits}f}" for _, key, digits in COSTS)] for name, figures in results.items()]
    ratios = [
        [name, *(f"{figures[key] / (results[OURS][key] or 1):.2f} ×" for _, key, _ in COSTS)]
        for name, figures in results.items()
        if name != OURS
    ]
    heads = [head for head, _, _ in COSTS]
    return [
        *_table(["accuracy / macro-F1, %", *languages, "out of scope accepted"], right),
        "",
        *_table(["what it costs", *heads], costs),
        "",
        *_table([f"as a multiple of {OURS}", *heads], ratios),
    ]


def as_file(results: Mapping[str, Figures], inputs: Inputs, examples: int, cases: int) -> Figures:
    """Return what goes into the results file."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()},
        "examples": examples,
        "cases": cases,
        "epochs": inputs.epochs,
        "share": inputs.share,
        "pipelines": results,
        "ratios": {
            name: {key: round(figures[key] / (results[OURS][key] or 1), 3) for _, key, _ in COSTS}
            for name, figures in results.items()
        },
    }


def bench(inputs: Inputs) -> dict[str, Figures]:
    """Measure every pipeline, one after the other."""
    results = {}
    with TemporaryDirectory(prefix="peyk-bench-nlu-") as name:
        if inputs.share < 1:
            part = share_of(read_examples(inputs.examples), inputs.share)
            inputs = replace(inputs, examples=written(part, Path(name) / "examples.yml"))
        for number, (title, config) in enumerate(PIPELINES.items()):
            log = Path("var/logs") / f"bench-nlu-{config.stem}.log"
            results[title] = measure(title, config, inputs, Path(name) / str(number), log)
    return results


def main() -> int:
    """Print the tables, keep the figures in results/bench-nlu.json; 1 when something could not be measured."""
    parser = argparse.ArgumentParser(prog="bench-nlu", description=__doc__)
    parser.add_argument("--examples", type=Path, default=Path("data/nlu"))
    parser.add_argument("--domain", type=Path, default=Path("domain.yml"))
    parser.add_argument("--tests", type=Path, default=Path("tests/rasa/nlu"))
    parser.add_argument("--epochs", type=int, default=DEFAULT_EPOCHS, help="of DIET, fewer for trying out")
    parser.add_argument("--share", type=share, default=1.0, help="of the examples, from 0 to 1: DIET learns faster")
    inputs = Inputs(**vars(parser.parse_args()))
    started = time.monotonic()
    try:
        examples = len(share_of(read_examples(inputs.examples), inputs.share))
        cases = len(read_cases(inputs.tests))
        say(f"  {examples} examples to learn, {cases} cases to answer; DIET takes its time")
        results = bench(inputs)
    except (PeykError, BadExamples, FileNotFoundError) as error:
        complain(str(error))
        return 1
    path = Path("results/bench-nlu.json")
    path.parent.mkdir(exist_ok=True)
    content = json.dumps(as_file(results, inputs, examples, cases), ensure_ascii=False, indent=1)
    path.write_text(content + "\n", encoding="utf-8")
    say("\n" + "\n".join(lines(results)))
    if inputs.epochs != DEFAULT_EPOCHS:
        say(f"\nDIET learnt {inputs.epochs} epochs instead of {DEFAULT_EPOCHS}: its figures are for trying out only.")
    if inputs.share < 1:
        say(f"\nEvery pipeline learnt {100 * inputs.share:.0f} % of the examples: compare them with each other only.")
    say(f"\nThe figures are in {path}; it took {(time.monotonic() - started) / 60:.0f} minutes")
    return 0


def share(text: str) -> float:
    """Return a share as typed. Raises ValueError unless it is above 0 and at most 1."""
    number = float(text)
    if not 0 < number <= 1:
        raise ValueError(text)
    return number


def _percent(figures: Figures, language: str) -> str:
    scores = figures["scores"][language]
    return f"{100 * scores['accuracy']:.1f} / {100 * scores['macro_f1']:.1f}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[i]) for row in (heads, *rows)) for i in range(len(heads))]
    return [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in (heads, *rows)
    ]


def _env() -> dict[str, str]:
    """Return the environment for the processes: no GPU for one of them and none for the others."""
    return {**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "RASA_TELEMETRY_ENABLED": "false", "PYTHONUNBUFFERED": "1"}


if __name__ == "__main__":
    sys.exit(main())
