"""Before buying: time, coverage, methods, cost, returns, payment, products."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from actions._base import ServiceAction
from actions._orders import TALK, goes_on_with_offer
from actions._shipping import product_line, shipping_values
from actions._turn import Turn
from peyk import i18n
from peyk.services.shipping_info import ShippingAnswer
from peyk.text.amounts import find_amount_rial, find_weight_g
from peyk.text.places import city_name, mentions_unknown_place

# A question in so few words, with a city or a carrier in it, goes on with what was asked before.
ELLIPSIS_WORDS = 4


class CityAnswer(ServiceAction):
    """An answer that depends on the city; what was asked is kept, so "and to Shiraz?" is understood."""

    topic: ClassVar[str]

    def name(self) -> str:
        """Return the action's name."""
        return f"action_answer_{self.topic}"

    @abstractmethod
    async def ask(self, turn: Turn, city: str | None) -> ShippingAnswer:
        """Ask the service."""

    async def handle(self, turn: Turn) -> None:
        """Answer for the city in the message, else for the one talked about; never for an invented one."""
        cities = turn.entities("city")
        unknown = None if cities else mentions_unknown_place(turn.text)
        if unknown:
            turn.set_slots(shipping_question=self.name())
            turn.say("utter_shipping_info_unknown_city", place=unknown, buttons=[TALK])
            return
        # "from Tehran to Shiraz": the destination is named last.
        city = str(cities[-1]) if cities else turn.slot("city")
        turn.set_slots(shipping_question=self.name(), city=city)
        answer = await self.ask(turn, city)
        turn.say(
            f"utter_shipping_info_{self.topic}_{answer.kind}",
            **shipping_values(
                answer, self.topic, turn.language, turn.app.settings.money_unit.value, turn.app.clock.now()
            ),
            city=city_name(city, turn.language) if city else "",
        )


class ActionAnswerDeliveryTime(CityAnswer):
    """How long delivery takes: what was measured, and what the shop promises."""

    topic = "delivery_time"

    async def ask(self, turn: Turn, city: str | None) -> ShippingAnswer:
        """Ask for the times."""
        return await turn.call(turn.services.shipping.delivery_time, city, turn.entity("carrier"))


class ActionAnswerCoverage(CityAnswer):
    """Whether the shop ships there."""

    topic = "coverage"

    async def handle(self, turn: Turn) -> None:
        """A few words with a city in them ("and Shiraz?") go on with the question asked before."""
        asked = turn.slot("shipping_question")
        if asked and asked != self.name() and turn.entity("city") and len(turn.text.split()) <= ELLIPSIS_WORDS:
            turn.follow(asked)
            return
        await super().handle(turn)

    async def ask(self, turn: Turn, city: str | None) -> ShippingAnswer:
        """Ask for the zone."""
        return await turn.call(turn.services.shipping.coverage, city)


class ActionAnswerShippingMethods(CityAnswer):
    """By which ways."""

    topic = "shipping_methods"

    async def ask(self, turn: Turn, city: str | None) -> ShippingAnswer:
        """Ask for the methods."""
        return await turn.call(turn.services.shipping.methods, city)


class ActionAnswerShippingCost(CityAnswer):
    """For how much, by carrier, basket and weight."""

    topic = "shipping_cost"

    async def ask(self, turn: Turn, city: str | None) -> ShippingAnswer:
        """Ask for the costs of the basket and weight the message names."""
        basket, weight = find_amount_rial(turn.text), find_weight_g(turn.text)
        more = {"weight_g": weight} if weight else {}
        return await turn.call(turn.services.shipping.cost, city, turn.entity("carrier"), basket, **more)


class ActionAnswerReturnPolicy(ServiceAction):
    """The shop's rule for returns."""

    def name(self) -> str:
        """Return the action's name."""
        return "action_answer_return_policy"

    async def handle(self, turn: Turn) -> None:
        """Tell the rule as the shop's table has it."""
        answer = await turn.call(turn.services.shipping.returns)
        policy = answer.policy
        if policy is None:
            turn.say("utter_shipping_info_return_policy_unavailable")
            return
        conditions = ["unopened" if policy.unopened_only else "opened_too"]
        conditions.append("shop_pays" if policy.shop_pays_when_faulty else "customer_pays")
        turn.say(
            "utter_shipping_info_return_policy_ok",
            days=i18n.localise_digits(str(policy.days), turn.language),
            refund_days=i18n.localise_digits(str(policy.refund_days), turn.language),
            conditions=" ".join(i18n.text(f"return_policy.{condition}", turn.language) for condition in conditions),
        )


class ActionAnswerPaymentMethods(ServiceAction):
    """Ways to pay."""

    def name(self) -> str:
        """Return the action's name."""
        return "action_answer_payment_methods"

    async def handle(self, turn: Turn) -> None:
        """List the ways to pay as the shop's table has them."""
        answer = await turn.call(turn.services.shipping.payments)
        methods = answer.methods.methods if answer.methods else ()
        names = [i18n.text(f"payment_method.{method}", turn.language) for method in methods]
        turn.say(f"utter_shipping_info_payment_methods_{answer.kind}", methods=i18n.join_names(names, turn.language))


class ActionAnswerProduct(ServiceAction):
    """Facts of a product."""

    def name(self) -> str:
        """Return the action's name."""
        return "action_answer_product"

    async def handle(self, turn: Turn) -> None:
        """Tell what the shop's table has; a product that is not there is not described."""
        if turn.slot("pending_offer") == "choose" and await goes_on_with_offer(turn):
            return
        if not turn.words:
            turn.say("utter_shipping_info_product_ask")
            return
        answer = await turn.call(turn.services.shipping.products, turn.words)
        unit = turn.app.settings.money_unit.value
        turn.say(
            f"utter_shipping_info_product_{answer.kind}",
            lines="\n".join(product_line(product, turn.language, unit) for product in answer.products),
        )
