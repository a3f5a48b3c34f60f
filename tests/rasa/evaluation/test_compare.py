"""Two pipelines on the same examples and cases; and the pipelines of the benchmark."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bench.nlu import COSTS, OURS, PIPELINES, lines, share, with_epochs
from peyk.evaluation.compare import held_out, main
from peyk.evaluation.predict import BadPipeline, check_pipeline, decision_of
from peyk.evaluation.scores import Decision, Scores
from tests.rasa.evaluation.evaluation_helpers import write_evaluation
from tests.rasa.nlu_helpers import ROOT

CLASSIFIER = "peyk.nlu.classifier.LinearIntentClassifier"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "no such configuration"),
        ("pipeline: [", "other.yml"),
        ("recipe: default.v1", "no `pipeline:`"),
        ("pipeline: []", "no `pipeline:`"),
        (
            "pipeline: [{name: WhitespaceTokenizer}, {name: FallbackClassifier}]",
            "nothing in its pipeline learns intents",
        ),
        ("pipeline: [{name: NoSuchThing}]", "NoSuchThing"),
        ("pipeline: [{name: peyk.nlu.nowhere.Nothing}]", "nowhere"),
        ("pipeline: [5]", "other.yml"),
    ],
)
def test_what_cannot_be_trained_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None, said: str
) -> None:
    path = tmp_path / "other.yml"
    if content is not None:
        path.write_text(content)
    assert main([str(path), f"--config={ROOT / 'config.yml'}"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line


def test_rasa_does_not_write_into_a_configuration_that_lacks_something(tmp_path: Path) -> None:
    path = tmp_path / "other.yml"
    path.write_text("recipe: default.v1\n")
    with pytest.raises(BadPipeline):
        check_pipeline(path)
    assert path.read_text() == "recipe: default.v1\n"


def test_two_pipelines_are_trained_and_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RASA_TELEMETRY_ENABLED", "false")
    monkeypatch.setenv("RASA_CACHE_DIRECTORY", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    files = write_evaluation(tmp_path)
    content = yaml.safe_load(files["config"].read_text(encoding="utf-8"))
    other = tmp_path / "other.yml"
    for part in content["pipeline"]:
        if part["name"] == CLASSIFIER:
            part["C"] = 0.01
    other.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    assert main([str(other), "--split=cv", *(f"--{name}={path}" for name, path in files.items())]) == 0
    said = capsys.readouterr().out
    assert said.count("Asked: the blind test set") == said.count("Asked: a fifth of the examples") == 1
    assert len([line for line in said.splitlines() if line.startswith(str(other)) and " all " in line]) == 2
    assert said.count("Right with ") == 2


def test_a_fifth_is_held_out_and_not_learnt(tmp_path: Path) -> None:
    split = held_out(ROOT / "data" / "nlu")
    assert isinstance(split.examples, list)
    assert len(split.cases) == pytest.approx((len(split.cases) + len(split.examples)) / 5, abs=2)


@pytest.mark.parametrize("config", PIPELINES.values(), ids=PIPELINES)
def test_the_pipelines_of_the_benchmark_can_be_trained(config: Path) -> None:
    check_pipeline(ROOT / config)
    assert decision_of(ROOT / config) is not None


def test_how_a_pipeline_decides_is_read_from_its_file() -> None:
    config = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))
    parts = {part["name"].rpartition(".")[2]: part for part in config["pipeline"]}
    asked = parts["FallbackClassifier"]
    expected = Decision(asked["threshold"], asked["ambiguity_threshold"], parts["OtherMeanings"]["sure"])
    assert decision_of(ROOT / "config.yml") == expected
    assert decision_of(ROOT / "bench/pipelines/diet.yml") == Decision(0.3, 0.1, sure=0.0)


@pytest.mark.parametrize("text", ["0", "1.1", "-1", "x"])
def test_a_share_is_above_nothing_and_at_most_all(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        share(text)


def test_a_share_of_all_is_all() -> None:
    assert (share("1"), share("0.25")) == (1, 0.25)


def test_fewer_epochs_go_into_a_copy(tmp_path: Path) -> None:
    diet, logistic = ROOT / "bench/pipelines/diet.yml", ROOT / "bench/pipelines/logistic.yml"
    assert with_epochs(diet, 100, tmp_path) == diet
    assert with_epochs(logistic, 2, tmp_path) == logistic
    shorter = with_epochs(diet, 2, tmp_path)
    assert shorter.parent == tmp_path
    assert [part["epochs"] for part in yaml.safe_load(shorter.read_text())["pipeline"] if "epochs" in part] == [2]


def test_the_table_of_the_benchmark_has_ratios_to_ours() -> None:
    def figures(cost: float) -> dict[str, object]:
        shares = dict.fromkeys(Scores.__dataclass_fields__, 0.5)
        return {"scores": {"fa": shares, "all": shares}, **{key: cost for _, key, _ in COSTS}}

    said = "\n".join(lines({OURS: figures(2), "other": figures(5)}))
    assert "50.0 / 50.0" in said
    assert said.count("2.50 ×") == len(COSTS)
