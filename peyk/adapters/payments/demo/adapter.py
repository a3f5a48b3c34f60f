"""The demo's payment gateway."""

from __future__ import annotations

from sqlalchemy import Engine, select

from peyk.adapters.demo_shop.database import connected, utc
from peyk.adapters.demo_shop.faults import FaultGate
from peyk.adapters.demo_shop.tables import payments
from peyk.domain.money import Money
from peyk.domain.payments import Payment, PaymentFailure, PaymentState
from peyk.errors import NotFound

SYSTEM = "payments"


def authority_of(order_number: str) -> str:
    """Return a gateway's id of a payment, in Zarinpal's shape: what the demo's bank would be asked by."""
    return f"A{order_number.rpartition('-')[2]:0>35}"


class DemoPayments:
    """Reads the demo's payment attempts (the port `PaymentGateway`)."""

    def __init__(self, engine: Engine, gate: FaultGate) -> None:
        self._engine = engine
        self._gate = gate

    def inquire(self, order_number: str) -> Payment:
        """Return the newest payment attempt of an order. Raises NotFound."""
        self._gate.pass_as(SYSTEM)
        query = select(payments).where(payments.c.order_number == order_number)
        with connected(self._engine, SYSTEM) as connection:
            row = connection.execute(query.order_by(payments.c.at.desc()).limit(1)).one_or_none()
        if row is None:
            raise NotFound(SYSTEM)
        return Payment(
            order_number=row.order_number,
            state=PaymentState(row.state),
            amount=Money.rial(row.amount_rial),
            at=utc(row.at),
            ref_id=row.ref_id,
            failure=PaymentFailure(row.failure) if row.failure else None,
            authority=authority_of(row.order_number),
        )
