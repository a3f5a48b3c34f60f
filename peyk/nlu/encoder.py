"""A sentence encoder read from a folder of this machine: safetensors only, never from the network.

Raises rasa's InvalidConfigException with one line that says what is missing and how to mend it.
TensorFlow and transformers are imported when an encoder is loaded, not before.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from rasa.shared.exceptions import InvalidConfigException

from peyk.nlu.encoder_files import CONFIG, MENDING, TOKENIZER, WEIGHTS

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

# What sentence-transformers may put behind the transformer and this encoder does itself; a trained layer is neither.
_UNDERSTOOD = frozenset({"Transformer", "Pooling", "Normalize"})
_MEAN = "pooling_mode_mean_tokens"
_BATCH = 32

# Token ids and attention mask in, vectors of length one out.
Forward = Callable[[NDArray[np.int32], NDArray[np.int32]], Any]


@dataclass(frozen=True, slots=True)
class SentenceEncoder:
    """Texts to vectors: the mean over the tokens that are none of the padding, of length one."""

    tokenizer: Tokenizer
    forward: Forward
    size: int

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row a text; a text of nothing but spaces is zeros."""
        vectors = np.zeros((len(texts), self.size), dtype=np.float32)
        # Texts of like length together: a batch is as long as its longest.
        order = sorted((i for i, text in enumerate(texts) if text.strip()), key=lambda i: len(texts[i]))
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            tokens = self.tokenizer.encode_batch([texts[i] for i in batch])
            vectors[batch] = self.forward(_rows(tokens, "ids"), _rows(tokens, "attention_mask"))
        return vectors


def check_folder(folder: Path) -> None:
    """Raise InvalidConfigException unless `folder` holds an encoder this module can read."""
    if not folder.is_dir():
        raise InvalidConfigException(f"the sentence encoder's folder {folder} does not exist")
    for name, mending in MENDING.items():
        if not (folder / name).is_file():
            raise InvalidConfigException(f"the sentence encoder in {folder} has no {name}: {mending}")
    layers = {str(module.get("type", "")).rpartition(".")[2] for module in _json(folder / "modules.json", [])}
    if unknown := ", ".join(sorted(layers - _UNDERSTOOD)):
        raise InvalidConfigException(
            f"the sentence encoder in {folder} has a layer Peyk does not know ({unknown}): "
            "take one of transformer, mean pooling and normalisation"
        )
    if not _takes_the_mean(_json(folder / "1_Pooling" / CONFIG, {})):
        raise InvalidConfigException(
            f"the sentence encoder in {folder} does not take the mean of its tokens: take one that does"
        )


def load_encoder(folder: Path, max_tokens: int) -> SentenceEncoder:
    """Return the encoder in `folder`, which cuts texts at `max_tokens`."""
    check_folder(folder)
    model = _model(folder)
    # XLM-R counts its positions from behind the padding's id.
    room = model.config.max_position_embeddings - (model.config.pad_token_id or 0) - 1
    tokenizer = _tokenizer(folder, min(max_tokens, room), model.config.pad_token_id or 0)
    if tokenizer.get_vocab_size() > model.config.vocab_size:
        raise InvalidConfigException(
            f"{folder / TOKENIZER} has more tokens than {WEIGHTS}: they are of different encoders, copy both from one"
        )
    encoder = SentenceEncoder(tokenizer, _forward(model), int(model.config.hidden_size))
    # The first pass compiles: the first customer should not wait for it.
    encoder.encode(["سلام"])
    return encoder


def _tokenizer(folder: Path, max_tokens: int, padding: int) -> Tokenizer:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    except Exception as exc:
        raise InvalidConfigException(f"{folder / TOKENIZER} cannot be read: {_first_line(exc)}") from exc
    tokenizer.enable_truncation(max_tokens)
    tokenizer.enable_padding(pad_id=padding)
    return tokenizer


def _model(folder: Path) -> Any:
    from safetensors import SafetensorError
    from transformers import TFAutoModel
    from transformers.utils import logging as chatter

    chatter.set_verbosity_error()
    try:
        model, report = TFAutoModel.from_pretrained(
            str(folder),
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            output_loading_info=True,
        )
    except (OSError, ValueError, KeyError, SafetensorError) as exc:
        raise InvalidConfigException(f"the sentence encoder in {folder} cannot be read: {_first_line(exc)}") from exc
    # The pooler is for a task sentence encoders are not used for; many folders come without it.
    missing = [name for name in report["missing_keys"] if "pooler" not in name]
    if missing:
        raise InvalidConfigException(
            f"{folder / WEIGHTS} lacks {len(missing)} weights {CONFIG} asks for ({missing[0]}): "
            "copy the whole folder again"
        )
    return model


def _forward(model: Any) -> Forward:
    """Return the pass through `model` as a graph: eight times faster than step by step."""
    import tensorflow as tf

    def forward(ids: Any, mask: Any) -> Any:
        states = model(input_ids=ids, attention_mask=mask, training=False).last_hidden_state
        weights = tf.cast(mask, states.dtype)[..., tf.newaxis]
        mean = tf.reduce_sum(states * weights, axis=1) / tf.reduce_sum(weights, axis=1)
        return tf.math.l2_normalize(mean, axis=1)

    return tf.function(forward, input_signature=[tf.TensorSpec([None, None], tf.int32)] * 2)  # type: ignore[no-any-return]


def _takes_the_mean(pooling: dict[str, Any]) -> bool:
    """Tell what sentence-transformers wrote: one word in its later versions, a switch for each kind before."""
    if "pooling_mode" in pooling:
        return pooling["pooling_mode"] in ("mean", ["mean"])
    return {name for name, on in pooling.items() if name.startswith("pooling_mode_") and on} <= {_MEAN}


def _rows(tokens: Sequence[Encoding], attribute: str) -> NDArray[np.int32]:
    return np.asarray([getattr(encoding, attribute) for encoding in tokens], dtype=np.int32)


def _json(path: Path, default: Any) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return default
    except ValueError as exc:
        raise InvalidConfigException(f"{path} is no JSON: {exc}") from exc


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
