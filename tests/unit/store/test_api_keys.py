"""Keys of the REST channel."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from peyk.domain.api_keys import DEFAULT_SCOPES, Scope
from peyk.errors import Unavailable
from peyk.store.api_keys import StoredApiKeys
from peyk.store.engine import reading, writing
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


def test_a_key_is_good_for_what_it_was_made_for(keys: StoredApiKeys) -> None:
    keys.create("usual")
    key = keys.create("few", [Scope.MANAGE_WEBHOOKS])
    few, usual = sorted(keys.list(), key=lambda key: key.name)
    assert (usual.scopes, few.scopes) == (frozenset(DEFAULT_SCOPES), frozenset({Scope.MANAGE_WEBHOOKS}))
    assert keys.set_scopes(few.id, [Scope.SEND_MESSAGES])
    found = keys.find(key)
    assert found is not None
    assert found.scopes == {Scope.SEND_MESSAGES}
    keys.revoke(few.id)
    assert not keys.set_scopes(few.id, list(Scope))


def test_a_key_of_before_scopes_still_sends_messages_and_no_more(keys: StoredApiKeys, engine: Engine) -> None:
    key = keys.create("old")
    with writing(engine) as connection:
        columns = "id, name, key_hash, created_at"
        connection.execute(text(f"CREATE TABLE kept AS SELECT {columns} FROM api_keys"))
        connection.execute(text("DELETE FROM api_keys"))
        # What a revision does to the rows it finds.
        connection.execute(text(f"INSERT INTO api_keys ({columns}) SELECT {columns} FROM kept"))
        connection.execute(text("DROP TABLE kept"))
    found = keys.find(key)
    assert found is not None
    assert found.scopes == {Scope.SEND_MESSAGES}


def test_a_scope_of_a_later_version_is_none(keys: StoredApiKeys, engine: Engine) -> None:
    key = keys.create("new")
    with writing(engine) as connection:
        connection.execute(text("UPDATE api_keys SET scopes = 'everything messages:writes'"))
    found = keys.find(key)
    assert found is not None
    assert found.scopes == frozenset()


def test_a_store_that_cannot_note_the_use_still_knows_the_key(
    keys: StoredApiKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = keys.create("shop")

    def locked(_engine: Engine) -> None:
        raise Unavailable("store")

    monkeypatch.setattr("peyk.store.api_keys.writing", locked)
    assert keys.find(key) is not None
