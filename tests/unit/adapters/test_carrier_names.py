"""What shops call carriers."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from peyk.adapters.carriers._names import carrier_id
from peyk.i18n.parcels import carrier_name

NAMES = yaml.safe_load((Path(__file__).parents[2] / "payloads" / "carrier_names.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("name", "carrier"), NAMES)
def test_a_shops_name_means_a_carrier_or_nobody(name: str, carrier: str | None) -> None:
    assert carrier_id(name) == carrier


def test_every_carrier_has_a_name_for_customers() -> None:
    for _, carrier in NAMES:
        if carrier is not None:
            assert carrier_name(carrier, "fa")
            assert carrier_name(carrier, "en")
