"""What an adapter of somebody else may use of Peyk's (docs/add-an-adapter.md); nothing else here is a promise."""

from __future__ import annotations

from peyk.adapters._auth import Auth, BasicAuth, HeaderAuth, QueryAuth, TokenAuth
from peyk.adapters._check import looked
from peyk.adapters._http import Body, Http, Rejected, Reply
from peyk.adapters.carriers._statuses import Meaning, StatusTable
from peyk.adapters.plugin import (
    AdapterSettings,
    CarrierSettings,
    Parts,
    Plugin,
    Shop,
    SystemKind,
    settings_config,
)
from peyk.errors import Unsure

__all__ = [
    "AdapterSettings",
    "Auth",
    "BasicAuth",
    "Body",
    "CarrierSettings",
    "HeaderAuth",
    "Http",
    "Meaning",
    "Parts",
    "Plugin",
    "QueryAuth",
    "Rejected",
    "Reply",
    "Shop",
    "StatusTable",
    "SystemKind",
    "TokenAuth",
    "Unsure",
    "looked",
    "settings_config",
]
