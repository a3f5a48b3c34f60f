"""Who writes too fast in Chatwoot is told so, once a burst; what was taken is answered."""

from __future__ import annotations

from peyk.channels import Refused
from peyk.web.sentences import sentence
from tests.fakes.chatwoot import FakeChatwoot
from tests.unit.web.chatwoot_world import World, settings_of
from tests.unit.web.conftest import FakeRasa, StartEdge


def test_it_is_said_once_a_burst_and_kept(start_edge: StartEdge, rasa: FakeRasa) -> None:
    with FakeChatwoot() as server:
        edge = start_edge(**settings_of(server), burst_per_sender=2, burst_window_s=3600)
        world, other = World(edge, server), World(edge, server)
        for number in range(6):
            assert world.post(world.writes(f"message number {number}")) == 200
        other.post(other.writes("hello there"))
        world.settle(4)
        first, second, refused = world.said
        assert [first, second] == ["echo message number 0", "echo message number 1"]
        assert refused.startswith((sentence(Refused("burst", 429, seconds=1), "en").text or "")[:30])
        assert other.said == ["echo hello there"]
        assert sorted(rasa.texts) == ["hello there", "message number 0", "message number 1"]
        said = edge.parts.journal.entries(world.here, after_seq=0, now=edge.parts.clock.now(), limit=100)
        assert [entry.text for entry in said][4:] == ["message number 2", refused]
        edge.stop()
