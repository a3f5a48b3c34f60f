"""17TRACK's API: a token in a header, codes that must be registered once, a quota, and 200 for everything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from peyk.text.tracking_codes import s10_check_digit
from tests.fakes.abroad import promised, said, town
from tests.fakes.carrier_stories import Case, FakeCarrierVendor, Line, Parcel
from tests.fakes.vendor_http import Answer, Call

KEY = "17-key-90210"
_STATUSES = {
    "picked_up": "InTransit_PickedUp",
    "in_transit": "InTransit_Arrival",
    "out_for_delivery": "OutForDelivery_Other",
    "ready_for_pickup": "AvailableForPickup_Other",
    "delivered": "Delivered_Other",
    "delivery_failed": "DeliveryFailure_NoBody",
    "return_to_sender": "Exception_Returning",
    "on_hold": "InTransit_CustomsRequiringInformation",
    "unknown": "QX7",
}
MOST_CODES = 40


def s10(serial: int) -> str:
    return f"RR{serial:08d}{s10_check_digit(f'{serial:08d}')}CN"


class FakeSeventeenTrack(FakeCarrierVendor):
    essential = frozenset({"data"})
    codes = {case: s10(index) for index, case in enumerate(Case, start=4711) if case is not Case.PARTS}  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__(KEY)
        self.error_body = {"code": -18010010, "data": {"errors": [{"code": -18010010, "message": f"key {KEY}"}]}}
        self.quota = 100
        self.registered: set[str] = set()
        # When that was, where it says so.
        self.registered_at: str | None = None
        # What it says of every code instead of telling of it.
        self.rejects: int | None = None
        # Carriers it has no way to tell codes of.
        self.ambiguous: set[str] = set()

    def refusal(self, call: Call) -> Answer | None:
        if call.headers.get("17token") == KEY:
            return None
        return Answer(401, {"code": -18010002, "data": {"errors": [{"code": -18010002, "message": "bad token"}]}})

    def handle(self, call: Call) -> Answer:
        action = call.path.rsplit("/", 1)[-1]
        if action == "getquota":
            used = len(self.registered)
            return _good({"quota_total": self.quota + used, "quota_used": used, "quota_remain": self.quota})
        asked = call.body
        if not 1 <= len(asked) <= MOST_CODES:
            return Answer(200, {"code": -18010013, "data": {"errors": [{"code": -18010013, "message": "bad data"}]}})
        done: dict[str, Callable[[dict[str, Any]], dict[str, Any] | int]]
        done = {"register": self._register, "gettrackinfo": self._info}
        data: dict[str, Any] = {"accepted": [], "rejected": []}
        for item in asked:
            found = self.rejects if self.rejects is not None else done[action](item)
            if isinstance(found, int):
                error = {"code": found, "message": f"The tracking number '{item['number']}' is refused."}
                data["rejected"].append({"number": item["number"], "error": error})
            else:
                said = {"register_time": self.registered_at} if self.registered_at else {}
                carrier = item.get("carrier", 3011)
                data["accepted"].append({"number": item["number"], "carrier": carrier, **said, **found})
        return _good(data)

    def _register(self, item: dict[str, Any]) -> dict[str, Any] | int:
        if item["number"] in self.registered:
            return -18019901
        if item["number"] in self.ambiguous and "carrier" not in item:
            return -18019903
        if not self.quota:
            return -18019908
        self.quota -= 1
        self.registered.add(item["number"])
        return {"origin": 1}

    def _info(self, item: dict[str, Any]) -> dict[str, Any] | int:
        if item["number"] not in self.registered:
            return -18019902
        case = self.case(item["number"])
        if case is Case.NOT_YET:
            return {"track_info": {"latest_status": {"status": "NotFound", "sub_status": "NotFound_Other"}}}
        if case is Case.NOT_FOUND:
            return {"track_info": {"latest_status": {"status": "NotFound", "sub_status": "NotFound_InvalidCode"}}}
        return {"track_info": track_info(self.parcel(item["number"]))}


def track_info(parcel: Parcel) -> dict[str, Any]:
    """What two carriers told of a parcel: the first scan is the first one's; both run from the newest."""
    events = [_event(line) for line in parcel.lines]
    status = events[-1]["sub_status"]
    last, first = {"events": events[:0:-1]}, {"events": events[:1]}
    return {
        "latest_status": {"status": status.partition("_")[0], "sub_status": status},
        "time_metrics": {"estimated_delivery_date": {"from": None, "to": promised(parcel.eta)}},
        "tracking": {"providers": [last, first]},
    }


def _event(line: Line) -> dict[str, Any]:
    return {
        "time_iso": line.utc.isoformat(),
        "time_utc": line.utc.isoformat().replace("+00:00", "Z"),
        "description": said(line),
        "location": f"{town(line)}, IR",
        "stage": None,
        "sub_status": _STATUSES[line.status],
    }


def _good(data: dict[str, Any]) -> Answer:
    return Answer(200, {"code": 0, "data": data})
