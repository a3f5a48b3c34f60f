"""Every operation of the described API, tried with made-up requests: no failure of ours, and answers as described."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import positive_data_acceptance

from peyk.domain.api_keys import Scope
from peyk.web.api.describe import describe
from tests.unit.web.conftest import Edge, StartEdge

load_all_checks()
API = schemathesis.openapi.from_dict(describe())
# What a schema cannot say: it depends on what was sent before, on another field, or on what there is to see.
NOT_SAID = ("key_reused", "ids_differ", "blank", "not_public", "bad_url", "not_https")


@pytest.fixture
def shop(start_edge: StartEdge) -> Edge:
    """An edge in production, whose client has a key for everything."""
    edge = start_edge(mode="production", burst_per_address=10**6, burst_per_sender=10**6)
    edge.headers["Authorization"] = f"Bearer {edge.parts.api_keys.create('shop', list(Scope))}"
    return edge


@API.parametrize()
@settings(max_examples=10, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
def test_it_answers_as_described(case: Case[Any], shop: Edge) -> None:
    response = case.call(base_url=shop.url, headers=shop.headers)
    refused = response.status_code == 422 and any(f'"{code}"' in response.text for code in NOT_SAID)
    case.validate_response(response, excluded_checks=[positive_data_acceptance] if refused else None)
    if case.operation.label != "GET /readyz":
        assert response.status_code < 500
