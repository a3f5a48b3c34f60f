"""From rows and words to products. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy.engine import Row

from peyk.domain.shipping import Product
from peyk.text.normalise import words

# What Persian writes onto a noun, and the English plural: هدفونه، هدفون‌های، پیراهنتون، kettles.
_SUFFIX = re.compile(r"(?:ه|ها)?(?:ی|یی)?(?:م|ت|ش|مون|تون|شون|مان|تان|شان|و|رو|را)?|e?s", re.ASCII)


def to_product(row: Row[Any]) -> Product:
    """Return the product of a `demo_products` row."""
    return Product(
        sku=row.sku,
        title_fa=row.title_fa,
        title_en=row.title_en,
        price_rial=row.price_rial,
        in_stock=row.in_stock,
        material_fa=row.material_fa,
        material_en=row.material_en,
        sizes=tuple(row.sizes),
        warranty_months=row.warranty_months,
        weight_g=row.weight_g,
        words=tuple(row.words),
    )


def best_first(products: Iterable[Product], text: str, limit: int) -> list[Product]:
    """Return the products `text` names by title or word, the one most of `text` speaks of first."""
    said = words(text)
    scored = [(_score(product, said), product) for product in products]
    found = [(score, product) for score, product in scored if score]
    found.sort(key=lambda pair: (-pair[0], pair[1].sku))
    return [product for _, product in found[:limit]]


def _score(product: Product, said: list[str]) -> int:
    """Count the letters of the names of `product` that occur in what was said."""
    names = {tuple(words(name)) for name in (product.title_fa, product.title_en, *product.words)}
    return sum(sum(map(len, name)) for name in names if name and _occurs(name, said))


def _occurs(name: tuple[str, ...], said: list[str]) -> bool:
    return any(
        all(_is(word, said[start + i]) for i, word in enumerate(name)) for start in range(len(said) - len(name) + 1)
    )


def _is(word: str, said: str) -> bool:
    return said.startswith(word) and _SUFFIX.fullmatch(said[len(word) :]) is not None
