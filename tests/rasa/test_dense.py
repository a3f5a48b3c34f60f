"""The sentence encoder from a folder: the real loading code, on a tiny encoder made here."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
import skops.io  # noqa: F401  before Rasa: it starts faster this way
import yaml
from rasa.core.agent import Agent
from rasa.model_training import train_nlu
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from safetensors.numpy import load_file

from peyk.nlu.dense import SETTING, LocalSentenceEncoder
from peyk.nlu.encoder import SentenceEncoder, check_folder, load_encoder
from peyk.nlu.encoder_files import mark_of
from peyk.nlu.sentence_vector import dense_of
from tests.rasa.encoder_helpers import POSITIONS, SIZE, reference, save_weights, write_encoder
from tests.rasa.nlu_helpers import ROOT, write_project

TEXTS = ("سفارش من کجاست", "where is my order", "😀🔥", "salam", "سفارش " * 300)


def _no_network(*_: Any) -> NoReturn:
    raise AssertionError("the network was asked")


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SETTING, raising=False)
    monkeypatch.setattr(socket.socket, "connect", _no_network)
    monkeypatch.setattr(socket, "getaddrinfo", _no_network)


@pytest.fixture(scope="module", params=["bert", "xlm-roberta"])
def encoder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SentenceEncoder:
    return load_encoder(write_encoder(tmp_path_factory.mktemp(request.param), request.param), 128)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_encoder(tmp_path / "encoder")


class TestVectors:
    def test_they_have_length_one_whatever_the_text(self, encoder: SentenceEncoder) -> None:
        vectors = encoder.encode(TEXTS)
        assert vectors.shape == (len(TEXTS), SIZE)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)

    def test_padding_does_not_count(self, encoder: SentenceEncoder) -> None:
        alone = np.vstack([encoder.encode([text]) for text in TEXTS])
        np.testing.assert_allclose(encoder.encode(TEXTS), alone, atol=1e-5)

    @pytest.mark.parametrize("text", ["", " \n "])
    def test_no_text_is_zeros(self, encoder: SentenceEncoder, text: str) -> None:
        assert not encoder.encode([text, "salam"])[0].any()
        assert encoder.encode([]).shape == (0, SIZE)

    def test_long_texts_are_cut(self, encoder: SentenceEncoder) -> None:
        full = "salam " * POSITIONS
        cut, also_cut, short = encoder.encode([f"{full}سلام", f"{full}hello", "salam سلام"])
        np.testing.assert_allclose(cut, also_cut, atol=1e-6)
        assert not np.allclose(cut, short, atol=1e-3)

    def test_many_texts_keep_their_order(self, encoder: SentenceEncoder) -> None:
        texts = [f"{'salam ' * (i % 7)}hello" for i in range(70)]
        vectors = encoder.encode(texts)
        np.testing.assert_allclose(vectors[7:14], vectors[:7], atol=1e-5)
        assert not np.allclose(vectors[0], vectors[1], atol=1e-3)

    def test_they_are_what_the_weights_say(self, folder: Path) -> None:
        encoder = load_encoder(folder, 128)
        weights = load_file(folder / "model.safetensors")
        for text in ("سفارش من کجاست", "where is my order"):
            expected = reference(weights, encoder.tokenizer.encode(text).ids)
            np.testing.assert_allclose(encoder.encode([text])[0], expected, atol=1e-5)


def _without(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def _pickled(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def _pooling(**config: Any) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / "1_Pooling").mkdir()
        (folder / "1_Pooling" / "config.json").write_text(json.dumps({"word_embedding_dimension": SIZE, **config}))

    return write


def _trained_layer(folder: Path) -> None:
    modules = [{"type": f"sentence_transformers.models.{name}"} for name in ("Transformer", "Pooling", "Dense")]
    (folder / "modules.json").write_text(json.dumps(modules))


def _half_the_weights(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    save_weights(folder, {name: array for name, array in weights.items() if "layer.1" not in name})


def _cut_off(folder: Path) -> None:
    place = folder / "model.safetensors"
    place.write_bytes(place.read_bytes()[:2000])


def _unknown_kind(folder: Path) -> None:
    (folder / "config.json").write_text(json.dumps({"model_type": "no-such-model"}))


def _fewer_words(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    name = "embeddings.word_embeddings.weight"
    save_weights(folder, {**weights, name: weights[name][:20].copy()})
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "vocab_size": 20}))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_without("model.safetensors"), "no model.safetensors: pickled weights .* never loaded"),
        (_pickled, "no model.safetensors: pickled weights .* never loaded"),
        (_without("tokenizer.json"), "no tokenizer.json: save its fast tokenizer"),
        (_without("config.json"), "no config.json: copy the whole folder"),
        (_pooling(pooling_mode_cls_token=True, pooling_mode_mean_tokens=False), "does not take the mean"),
        (_pooling(pooling_mode_cls_token=True, pooling_mode_mean_tokens=True), "does not take the mean"),
        (_pooling(pooling_mode="lasttoken"), "does not take the mean"),
        (_trained_layer, r"a layer Peyk does not know \(Dense\)"),
        (_half_the_weights, "lacks 16 weights"),
        (_cut_off, "cannot be read"),
        (_unknown_kind, "cannot be read: .*no-such-model"),
        (_fewer_words, "more tokens than model.safetensors"),
        (lambda folder: (folder / "config.json").write_text("{"), "config.json|cannot be read"),
        (lambda folder: (folder / "tokenizer.json").write_text("{}"), "tokenizer.json cannot be read"),
        (lambda folder: (folder / "modules.json").write_text("["), "modules.json is no JSON"),
        (lambda folder: folder.rename(folder.parent / "gone"), "does not exist"),
    ],
)
def test_a_folder_it_cannot_use_is_refused_with_one_line(
    folder: Path, spoil: Callable[[Path], None], said: str
) -> None:
    spoil(folder)
    with pytest.raises(InvalidConfigException, match=said) as caught:
        load_encoder(folder, 128)
    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("pooling", [{"pooling_mode_mean_tokens": True}, {"pooling_mode": "mean"}, {}])
def test_what_sentence_transformers_writes_is_accepted(folder: Path, pooling: dict[str, Any]) -> None:
    modules = [{"type": f"sentence_transformers.models.{name}"} for name in ("Transformer", "Pooling", "Normalize")]
    (folder / "modules.json").write_text(json.dumps(modules))
    _pooling(**pooling)(folder)
    check_folder(folder)


class TestComponent:
    def component(self, **config: Any) -> LocalSentenceEncoder:
        return LocalSentenceEncoder("encoder", config)

    def test_every_text_gets_a_vector(self, folder: Path) -> None:
        messages = [Message({TEXT: text}) for text in ("سفارش من", "", "😀")]
        intent_only = Message({INTENT: "greet"})
        self.component(folder=str(folder)).process([*messages, intent_only])
        lengths = [float(np.linalg.norm(dense_of(message))) for message in messages]
        assert lengths == pytest.approx([1, 0, 1])
        assert dense_of(intent_only) is None

    def test_the_folder_of_the_environment(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(InvalidConfigException, match=SETTING):
            self.component()
        monkeypatch.setenv(SETTING, str(folder))
        message = Message({TEXT: "salam"})
        self.component().process([message])
        assert dense_of(message) is not None

    def test_the_prefix_stands_before_each_text(self, folder: Path) -> None:
        plain, prefixed, empty = Message({TEXT: "hello there"}), Message({TEXT: "there"}), Message({TEXT: " "})
        self.component(folder=str(folder)).process([plain])
        self.component(folder=str(folder), prefix="hello ").process([prefixed, empty])
        np.testing.assert_allclose(dense_of(plain), dense_of(prefixed), atol=1e-6)
        assert not np.any(dense_of(empty))

    def test_another_encoder_in_the_folder_is_another_configuration(self, folder: Path) -> None:
        config = {"folder": str(folder)}
        before = LocalSentenceEncoder.fingerprint_addon(config)
        assert before == mark_of(folder)
        save_weights(folder, {"other": np.zeros(3, dtype=np.float32)})
        assert LocalSentenceEncoder.fingerprint_addon(config) != before
        assert LocalSentenceEncoder.fingerprint_addon({}) is None


def test_a_project_is_trained_saved_loaded_and_parses(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SETTING, str(folder))
    monkeypatch.setenv("RASA_TELEMETRY_ENABLED", "false")
    monkeypatch.setenv("RASA_CACHE_DIRECTORY", str(tmp_path / "cache"))
    files = write_project(tmp_path, "config.dense.yml")
    path = train_nlu(files["config"], files["nlu"], str(tmp_path), fixed_model_name="tiny", domain=files["domain"])
    assert path is not None
    loop = asyncio.new_event_loop()
    try:
        agent = Agent.load(path)
        results = [loop.run_until_complete(agent.parse_message(text)) for text in (*TEXTS, "")]
    finally:
        loop.close()
    assert [result["intent"]["name"] for result in results[:2]] == ["track_order"] * 2
    assert results[2]["intent"]["name"] == "nlu_fallback"
    assert all("text_dense_features" not in result for result in results)


def test_the_dense_configuration_is_the_ordinary_one_and_the_encoder() -> None:
    plain, dense = (
        yaml.safe_load((ROOT / name).read_text(encoding="utf-8")) for name in ("config.yml", "config.dense.yml")
    )
    added = [step for step in dense["pipeline"] if step["name"] == "peyk.nlu.dense.LocalSentenceEncoder"]
    assert len(added) == 1
    dense["pipeline"].remove(added[0])
    assert dense == plain


def test_the_ordinary_pipeline_imports_nothing_of_it() -> None:
    names = [step["name"] for step in yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]]
    modules = sorted({name.rpartition(".")[0] for name in names if name.startswith("peyk.")})
    script = (
        f"import sys, skops.io, rasa.core.agent, {', '.join(modules)}, peyk.nlu.sentence_vector\n"
        "print({'transformers', 'tokenizers', 'peyk.nlu.encoder', 'peyk.nlu.dense'} & set(sys.modules))"
    )
    answer = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "set()"
