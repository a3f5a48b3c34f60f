"""Iran Post: its public tracking page, or the web service of a shop's contract."""

from peyk.adapters.carriers.iran_post.adapter import IranPostCarrier, check, make
from peyk.adapters.carriers.iran_post.settings import PostSettings, ServiceKind
from peyk.adapters.plugin import Plugin, SystemKind

PLUGIN = Plugin(
    "post",
    SystemKind.CARRIER,
    "Iran Post: its tracking page, politely, or your contract's web service",
    PostSettings,
    make,
    check,
)

__all__ = ["PLUGIN", "IranPostCarrier", "PostSettings", "ServiceKind"]
