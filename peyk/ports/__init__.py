"""What Peyk asks of the world, one Protocol a noun of the business."""

from peyk.ports.carrier import Carrier
from peyk.ports.clock import Clock
from peyk.ports.helpdesk import Helpdesk
from peyk.ports.messenger import Messenger
from peyk.ports.orders import OrderSource
from peyk.ports.payments import PaymentGateway
from peyk.ports.storefront import Storefront

__all__ = ["Carrier", "Clock", "Helpdesk", "Messenger", "OrderSource", "PaymentGateway", "Storefront"]
