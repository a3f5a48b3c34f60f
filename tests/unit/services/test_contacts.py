"""A mobile proven by a messenger: the sender's own contact."""

from __future__ import annotations

from datetime import timedelta

import pytest

from peyk.errors import Unavailable
from tests.unit.services.fakes import CALLER, MOBILE, NOW
from tests.unit.services.world import World


class TestContacts:
    """A messenger's word for its customer's own number."""

    def test_it_proves_as_long_as_a_code(self, world: World) -> None:
        assert world.identity.accept_contact(CALLER, MOBILE, NOW)
        proof = world.identity.current(CALLER)
        assert proof is not None
        assert (proof.mobile, proof.method) == (MOBILE, "telegram")
        assert proof.expires_at == NOW + timedelta(seconds=world.settings.verification_ttl_s)
        assert [(row.event, row.subject) for row in world.audit.rows] == [("contact.verified", "0912***67")]

    def test_the_same_contact_counts_once(self, world: World) -> None:
        for _ in range(2):
            assert world.identity.accept_contact(CALLER, MOBILE, NOW)
        assert len(world.audit.rows) == 1

    def test_one_of_long_ago_proves_nothing(self, world: World) -> None:
        long_ago = NOW - timedelta(seconds=world.settings.verification_ttl_s)
        assert not world.identity.accept_contact(CALLER, MOBILE, long_ago)
        assert world.identity.current(CALLER) is None
        assert world.audit.rows == []

    @pytest.mark.parametrize("mobile", ["", "912", "+98912123456789012"])
    def test_what_is_no_mobile_proves_nothing(self, world: World, mobile: str) -> None:
        assert not world.identity.accept_contact(CALLER, mobile, NOW)
        assert world.identity.current(CALLER) is None

    def test_nothing_is_proven_that_is_not_on_record(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        def away(**_: object) -> None:
            raise Unavailable("store", "locked")

        monkeypatch.setattr(world.audit, "append", away)
        with pytest.raises(Unavailable):
            world.identity.accept_contact(CALLER, MOBILE, NOW)
        assert world.identity.current(CALLER) is None
