"""Every operation of the described API, tried with made-up requests: no failure of ours, and answers as described."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.schemas import OpenApiSchema

from peyk.domain.api_keys import Scope
from peyk.web.api.describe import describe
from tests.unit.web.conftest import Edge, StartEdge

SHOP = "https://203.0.113.1/"


@pytest.fixture
def api(start_edge: StartEdge) -> Iterator[OpenApiSchema]:
    pass
