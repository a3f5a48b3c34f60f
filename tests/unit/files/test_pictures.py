"""Pictures: upright, their pixels and nothing else."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from peyk.adapters.files import pictures
from peyk.adapters.files.pictures import MAX_SIDE, clean_picture
from peyk.adapters.files.worker import cleaned
from peyk.domain.files import JPEG, PNG, WEBP
from peyk.ports.files import FileRefused
from tests.fakes.evidence import PROFILE, SECRET_PLACE, archive, bomb, document, opened, photo, picture

KINDS = [("JPEG", JPEG), ("PNG", PNG), ("WEBP", WEBP)]


@pytest.mark.parametrize(("kind", "media_type"), KINDS)
def test_only_what_is_seen_is_left(kind: str, media_type: str) -> None:
    came = photo(kind=kind)
    assert SECRET_PLACE.encode() in came
    content = clean_picture(came, media_type)
    image = opened(content)
    assert (image.format, image.size) == (kind, (48, 32))
    assert not image.getexif()
    assert not {"exif", "icc_profile", "xmp", "comment", "parsed"} & set(image.info)
    for told in (SECRET_PLACE.encode(), PROFILE, b"Telephone", b"Exif", b"ICC"):
        assert told not in content
    left, right = image.convert("RGB").getpixel((5, 16)), image.convert("RGB").getpixel((42, 16))
    assert left[0] > 180 > 80 > left[2]  # type: ignore[index]
    assert right[2] > 180 > 80 > right[0]  # type: ignore[index]


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_comments_are_left_out(kind: str) -> None:
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_text("Comment", SECRET_PLACE)
    came = picture(kind, comment=SECRET_PLACE) if kind == "JPEG" else picture(kind, pnginfo=notes)
    assert SECRET_PLACE.encode() in came
    assert SECRET_PLACE.encode() not in cleaned(came)


def test_it_is_upright() -> None:
    assert opened(clean_picture(photo(orientation=6), JPEG)).size == (32, 48)


def test_a_large_one_becomes_smaller() -> None:
    assert max(opened(clean_picture(picture(size=(5000, 100)), JPEG)).size) == MAX_SIDE


@pytest.mark.parametrize(
    ("came", "mode"),
    [
        (picture("PNG", mode="RGBA"), "RGBA"),
        (picture("PNG", mode="P"), "RGB"),
        (picture("PNG", mode="L"), "L"),
        (picture("PNG", mode="1"), "RGB"),
        (picture("JPEG", mode="CMYK"), "RGB"),
        (picture("JPEG", mode="L"), "L"),
    ],
)
def test_every_way_of_colours_is_read(came: bytes, mode: str) -> None:
    assert opened(cleaned(came)).mode == mode


def test_of_a_moving_one_the_first_picture_is_left() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    assert getattr(opened(cleaned(out.getvalue())), "n_frames", 1) == 1


@pytest.mark.parametrize(
    "raw",
    [
        bomb(),
        bomb(50_001, 1000),
        picture()[:200],
        picture()[:-40],
        picture("PNG")[:-30],
        picture("WEBP")[:-30],
        b"\xff\xd8\xff" + b"<html><script>alert(1)</script></html>",
        b"\x89PNG\r\n\x1a\n" + b"x" * 100,
        picture() + b"<script>alert(1)</script>",
        picture() + b"<svg onload=alert(1)>",
        picture() + b"<?php system('id');",
        picture() + archive(),
        picture() + document(),
        picture(comment="<HTML><body onload=alert(1)>"),
    ],
    ids=lambda raw: f"{raw[:4]!r}_{len(raw)}",
)
def test_what_is_broken_or_two_things_at_once_is_refused(raw: bytes) -> None:
    with pytest.raises((FileRefused, OSError, SyntaxError, ValueError, Image.DecompressionBombError)):
        cleaned(raw)


def test_one_of_too_many_pixels_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_PIXELS", 48 * 32 - 1)
    # Pillow's own limit is another.
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    with pytest.raises(FileRefused):
        clean_picture(picture(), JPEG)
    monkeypatch.setattr(pictures, "MAX_PIXELS", 48 * 32)
    assert clean_picture(picture(), JPEG)


def test_what_a_telephone_appends_is_dropped() -> None:
    # A moving photo of Samsung's or Google's: a film behind the picture.
    came = picture() + b"\x00\x00\x00\x18ftypmp42 a film"
    assert b"film" not in cleaned(came)
