"""The files of a sentence encoder's folder; standard library only, for the launcher reads them too."""

from __future__ import annotations

from pathlib import Path

WEIGHTS = "model.safetensors"
CONFIG = "config.json"
TOKENIZER = "tokenizer.json"
# What a folder has to hold, and what to do when one is not there.
MENDING = {
    CONFIG: "copy the whole folder of the encoder",
    WEIGHTS: "pickled weights (.bin, .pt) are never loaded; save the encoder again as safetensors",
    TOKENIZER: "save its fast tokenizer into the folder",
}


def mark_of(folder: Path) -> str:
    """Return what changes when the encoder in `folder` does; reads no weights, for they are too many."""
    stats = [(folder / name).stat() for name in MENDING if (folder / name).is_file()]
    return " ".join([str(folder), *(f"{stat.st_size}.{stat.st_mtime_ns}" for stat in stats)])
