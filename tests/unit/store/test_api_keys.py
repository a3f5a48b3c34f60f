"""Keys of the REST channel."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from peyk.store.api_keys import StoredApiKeys
from peyk.store.engine import reading
from tests.unit.services.fakes import NOW, FakeClock


@pytest.fixture
def keys(engine: Engine, clock: FakeClock) -> StoredApiKeys:
    return StoredApiKeys(engine, clock)


def test_a_key_is_known_by_its_id(keys: StoredApiKeys, clock: FakeClock) -> None:
    key = keys.create("shop-backend")
    clock.advance(hours=1)
    other = keys.create("app")
    (first, second) = keys.list()
    assert (first.name, first.created_at, first.revoked_at) == ("shop-backend", NOW, None)
    found = [keys.find(each) for each in (key, other)]
    assert [each and each.id for each in found] == [first.id, second.id]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda k: k[:-1],
        lambda k: k + "x",
        lambda k: k.upper(),
        lambda _: "",
        lambda _: "pk__",
        lambda k: k.split("_")[1],
        lambda _: "pk_\ud800_x",
        lambda _: "ب_۱_۲",
    ],
)
def test_anything_else_is_nobody(keys: StoredApiKeys, spoil: object) -> None:
    key = keys.create("shop-backend")
    assert callable(spoil)
    assert keys.find(spoil(key)) is None


def test_a_revoked_key_is_out_of_force_at_once_and_stays_listed(keys: StoredApiKeys, clock: FakeClock) -> None:
    key = keys.create("shop-backend")
    (known,) = keys.list()
    clock.advance(hours=1)
    assert keys.revoke(known.id) is True
    assert keys.find(key) is None
    assert keys.list()[0].revoked_at == NOW + timedelta(hours=1)
    assert keys.revoke(known.id) is False
    assert keys.revoke("nobody") is False


def test_the_key_itself_is_not_in_the_database(keys: StoredApiKeys, engine: Engine) -> None:
    key = keys.create("shop-backend")
    with reading(engine) as connection:
        row = connection.execute(text("SELECT * FROM api_keys")).one()
    assert not any(key.rsplit("_", 1)[-1] in str(value) for value in row)
