"""Every kind of update means what it should, and none can do harm."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyk.channels.telegram.message_parts import NOT_UNDERSTOOD, Contact, File
from peyk.channels.telegram.updates import Kind, Unusable, Update, parse

Json = Any
ALI = 5001
SENDER = {"id": ALI, "is_bot": False, "first_name": "Ali", "language_code": "fa"}
PRIVATE = {"id": ALI, "type": "private", "first_name": "Ali"}
OWN_CONTACT = {"phone_number": "+989121234567", "first_name": "Ali", "user_id": ALI}
PHOTO = [
    {"file_id": "small", "width": 90, "height": 60, "file_size": 1000},
    {"file_id": "large", "width": 900, "height": 600, "file_size": 90000},
    {"file_id": "middle", "width": 320, "height": 200, "file_size": 9000},
]


def message(**content: Json) -> dict[str, Json]:
    return {"message_id": 7, "from": SENDER, "chat": PRIVATE, "date": 1_790_000_000, **content}


def update(**content: Json) -> dict[str, Json]:
    return {"update_id": 10, "message": message(**content)}


def callback(**changes: Json) -> dict[str, Json]:
    query = {"id": "42", "from": SENDER, "message": message(text="?"), "data": "b:Zk3vQm0uT1xYh8sA"}
    return {"update_id": 11, "callback_query": {**query, **changes}}


def read(raw: object) -> Update:
    parsed = parse(raw)
    assert isinstance(parsed, Update), parsed
    return parsed


def reason(raw: object) -> str:
    parsed = parse(raw)
    assert isinstance(parsed, Unusable), parsed
    return parsed.reason


class TestText:
    def test_whole(self) -> None:
        assert read(update(text="سفارشم کجاست؟")) == Update(
            10, Kind.TEXT, ALI, sender_id=ALI, message_id=7, language="fa", text="سفارشم کجاست؟"
        )

    @pytest.mark.parametrize(
        ("typed", "text"),
        [
            ("  TS-1 \n", "TS-1"),
            ("\u2066TS-104233\u2069", "TS-104233"),
            ("a\x00b", "a b"),
            ("a\ud800b", "a?b"),
            ("", ""),
            ('/intent{"a": 1}', '/intent{"a": 1}'),
            ("/restart", "/restart"),
            ("/starting now", "/starting now"),
            ("please /start", "please /start"),
        ],
    )
    def test_is_made_clean_and_nothing_more(self, typed: str, text: str) -> None:
        parsed = read(update(text=typed))
        assert (parsed.kind, parsed.text) == (Kind.TEXT, text)

    def test_edited(self) -> None:
        assert not read(update(text="a")).edited
        parsed = read({"update_id": 10, "edited_message": message(text="b")})
        assert (parsed.kind, parsed.text, parsed.edited) == (Kind.TEXT, "b", True)

    @pytest.mark.parametrize(
        ("code", "language"),
        [
            ("fa", "fa"),
            ("fa-IR", "fa"),
            ("FA", "fa"),
            ("en-US", "en"),
            ("en", "en"),
            ("de", None),
            ("fil", None),
            (None, None),
            ("", None),
            (5, None),
            ("enx", None),
        ],
    )
    def test_language_of_the_app(self, code: Json, language: str | None) -> None:
        raw = update(text="a")
        raw["message"]["from"] = {**SENDER, "language_code": code}
        assert read(raw).language == language


class TestCommands:
    @pytest.mark.parametrize(
        ("typed", "kind", "payload"),
        [
            ("/start", Kind.START, ""),
            ("/start track_TS-104233", Kind.START, "track_TS-104233"),
            ("/start@peyk_bot track_TS-1", Kind.START, "track_TS-1"),
            ("/START", Kind.START, ""),
            ("/start سلام", Kind.START, ""),
            ("/start a b", Kind.START, ""),
            (f"/start {'a' * 65}", Kind.START, ""),
            ("/help", Kind.HELP, ""),
            ("/help me", Kind.HELP, ""),
            ("/language", Kind.LANGUAGE, ""),
        ],
    )
    def test_commands(self, typed: str, kind: Kind, payload: str) -> None:
        parsed = read(update(text=typed))
        assert (parsed.kind, parsed.payload, parsed.text) == (kind, payload, "")

    @pytest.mark.parametrize(
        ("payload", "number"),
        [("track_TS-104233", "TS-104233"), ("track_", None), ("", None), ("TS-104233", None), ("campaign_7", None)],
    )
    def test_the_order_of_a_link(self, payload: str, number: str | None) -> None:
        assert read(update(text=f"/start {payload}")).tracked_order == number


class TestCallback:
    def test_whole(self) -> None:
        assert read(callback()) == Update(
            11,
            Kind.CALLBACK,
            ALI,
            sender_id=ALI,
            message_id=7,
            language="fa",
            token="b:Zk3vQm0uT1xYh8sA",
            callback_id="42",
        )

    def test_the_sender_is_who_tapped_not_who_wrote(self) -> None:
        raw = callback(message={**message(text="?"), "from": {"id": 1, "is_bot": True}})
        assert read(raw).sender_id == ALI

    @pytest.mark.parametrize("token", ["x" * 64, "ی" * 32, "old button"])
    def test_any_token_the_api_lets_through(self, token: str) -> None:
        assert read(callback(data=token)).token == token

    @pytest.mark.parametrize("token", ["", "x" * 65, "ی" * 33, None, 5, "a\nb", "\x00", "\ud800"])
    def test_no_other(self, token: Json) -> None:
        assert reason(callback(data=token)) == "bad_token"

    @pytest.mark.parametrize("callback_id", [None, "", 5, "x" * 300, "a\nb"])
    def test_without_an_id_it_cannot_be_answered(self, callback_id: Json) -> None:
        assert reason(callback(id=callback_id)) == "bad_callback"

    def test_of_a_message_too_old_to_be_shown(self) -> None:
        assert read(callback(message={"chat": PRIVATE, "message_id": 7, "date": 0})).message_id == 7

    def test_without_its_message(self) -> None:
        raw = callback()
        del raw["callback_query"]["message"]
        assert reason(raw) == "no_chat"


class TestContact:
    @pytest.mark.parametrize(
        ("number", "mobile"),
        [("+989121234567", "09121234567"), ("989121234567", "09121234567"), ("+447700900123", "+447700900123")],
    )
    def test_ones_own_is_proven(self, number: str, mobile: str) -> None:
        parsed = read(update(contact={**OWN_CONTACT, "phone_number": number}))
        assert (parsed.kind, parsed.contact) == (Kind.CONTACT, Contact(mobile, verified=True))

    @pytest.mark.parametrize("user_id", [ALI + 1, None, 0, str(ALI), True, float(ALI) + 0.5])
    def test_anothers_is_not(self, user_id: Json) -> None:
        assert read(update(contact={**OWN_CONTACT, "user_id": user_id})).contact == Contact(
            "09121234567", verified=False
        )

    def test_without_an_owner_is_not(self) -> None:
        contact = {name: value for name, value in OWN_CONTACT.items() if name != "user_id"}
        assert read(update(contact=contact)).contact == Contact("09121234567", verified=False)

    @pytest.mark.parametrize(
        "name", ["forward_origin", "forward_date", "forward_from", "forward_sender_name", "via_bot"]
    )
    def test_passed_on_or_made_by_a_bot_is_not(self, name: str) -> None:
        parsed = read(update(contact=OWN_CONTACT, **{name: {"type": "user"}}))
        assert parsed.contact == Contact("09121234567", verified=False)

    def test_edited_is_not(self) -> None:
        parsed = read({"update_id": 10, "edited_message": message(contact=OWN_CONTACT)})
        assert parsed.contact == Contact("09121234567", verified=False)

    @pytest.mark.parametrize(
        "number",
        [
            "09121234567",
            "9809121234567",
            "+98 912 123 4567",
            "00989121234567",
            "989121234567x",
            "x",
            "",
            "۹۸۹۱۲۱۲۳۴۵۶۷",
            "98212345678",
            "+989121234567\n",
        ],
    )
    def test_a_number_that_can_be_read_in_two_ways_is_not(self, number: str) -> None:
        assert read(update(contact={**OWN_CONTACT, "phone_number": number})).contact == Contact(None, verified=False)

    @pytest.mark.parametrize("contact", [None, 5, {}, {"phone_number": 989121234567}, []])
    def test_without_a_number(self, contact: Json) -> None:
        assert reason(update(contact=contact)) == "bad_contact"


class TestFiles:
    def test_the_largest_photo(self) -> None:
        parsed = read(update(photo=PHOTO, caption=" رسید "))
        assert (parsed.kind, parsed.file, parsed.text) == (Kind.FILE, File("large", 90000, "image/jpeg"), "رسید")

    @pytest.mark.parametrize(
        ("declared", "read_as"),
        [
            ("application/pdf", "application/pdf"),
            ("IMAGE/PNG", "image/png"),
            (None, ""),
            ("x", ""),
            ("a/b\r\nX: y", ""),
            (5, ""),
        ],
    )
    def test_document(self, declared: Json, read_as: str) -> None:
        parsed = read(update(document={"file_id": "d", "file_size": 5, "mime_type": declared}))
        assert parsed.file == File("d", 5, read_as)

    @pytest.mark.parametrize("size", [None, -1, "5", True, 2**70])
    def test_a_size_that_is_none(self, size: Json) -> None:
        assert read(update(document={"file_id": "d", "file_size": size})).file == File("d", None, "")

    @pytest.mark.parametrize(
        "content", [{"photo": []}, {"photo": "x"}, {"photo": [5]}, {"document": {}}, {"document": 5}]
    )
    def test_no_file_in_it(self, content: dict[str, Json]) -> None:
        assert reason(update(**content)) == "bad_file"

    @pytest.mark.parametrize("file_id", ["", "x" * 301, 5, "a\nb", None])
    def test_a_file_that_cannot_be_fetched(self, file_id: Json) -> None:
        assert reason(update(document={"file_id": file_id})) == "bad_file"


class TestOthers:
    @pytest.mark.parametrize("content", NOT_UNDERSTOOD)
    def test_not_understood(self, content: str) -> None:
        parsed = read(update(**{content: {"file_id": "x"}}))
        assert (parsed.kind, parsed.content) == (Kind.NOT_UNDERSTOOD, content)

    def test_an_animation_is_no_document(self) -> None:
        assert read(update(animation={}, document={"file_id": "d"})).content == "animation"

    def test_what_the_messenger_itself_reports(self) -> None:
        assert reason(update(pinned_message={})) == "nothing_said"

    @pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
    @pytest.mark.parametrize("name", ["message", "edited_message", "channel_post", "edited_channel_post"])
    def test_groups_and_channels(self, kind: str, name: str) -> None:
        raw = {"update_id": 10, name: {**message(contact=OWN_CONTACT), "chat": {"id": -100, "type": kind}}}
        parsed = read(raw)
        assert (parsed.kind, parsed.chat_id, parsed.contact) == (Kind.SHARED_CHAT, -100, None)

    def test_a_button_in_a_group_still_waits_for_its_sign(self) -> None:
        parsed = read(callback(message={**message(), "chat": {"id": -100, "type": "supergroup"}}))
        assert (parsed.kind, parsed.callback_id, parsed.token) == (Kind.SHARED_CHAT, "42", "")

    @pytest.mark.parametrize(
        "changes",
        [
            {"chat": {"id": ALI, "type": "secret"}},
            {"chat": {"id": ALI}},
            {"chat": {"id": ALI, "type": []}},
            {"chat": {"id": ALI + 1, "type": "private"}},
            {"from": {**SENDER, "is_bot": True}},
            {"from": {}},
            {"from": None},
        ],
    )
    def test_a_private_chat_is_the_senders_own(self, changes: dict[str, Json]) -> None:
        assert reason({"update_id": 10, "message": {**message(text="a"), **changes}}) == "not_private"

    @pytest.mark.parametrize(
        ("raw", "why"),
        [
            (None, "not_an_object"),
            ([], "not_an_object"),
            ("{}", "not_an_object"),
            ({}, "no_update_id"),
            ({"update_id": "10"}, "no_update_id"),
            ({"update_id": True}, "no_update_id"),
            ({"update_id": 2**64}, "no_update_id"),
            ({"update_id": 1}, "other_update"),
            ({"update_id": 1, "my_chat_member": {}}, "other_update"),
            ({"update_id": 1, "message": None}, "no_chat"),
            ({"update_id": 1, "message": {"chat": {"id": True}}}, "no_chat"),
            ({"update_id": 1, "callback_query": 5}, "bad_callback"),
        ],
    )
    def test_garbage(self, raw: Json, why: str) -> None:
        assert reason(raw) == why

    def test_what_is_of_no_use_has_been_received(self) -> None:
        assert parse({"update_id": 77, "poll": {}}) == Unusable("other_update", 77)


SCRAPS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["private", "group"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
WHOLE = [
    update(text="سلام"),
    update(contact=OWN_CONTACT),
    update(photo=PHOTO, caption="a"),
    update(document={"file_id": "d", "file_size": 5, "mime_type": "a/b"}),
    update(sticker={}),
    callback(),
]


@given(SCRAPS)
def test_nothing_makes_it_raise(raw: object) -> None:
    assert isinstance(parse(raw), (Update, Unusable))


@given(st.sampled_from(WHOLE), st.data())
def test_nothing_put_into_an_update_makes_it_raise(whole: dict[str, Json], data: st.DataObject) -> None:
    raw: Json = copy.deepcopy(whole)
    place = raw
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if isinstance(place[key], (dict, list)) and place[key] and data.draw(st.booleans()):
            place = place[key]
            continue
        place[key] = data.draw(SCRAPS)
        break
    parsed = parse(raw)
    assert isinstance(parsed, (Update, Unusable))
    if isinstance(parsed, Update) and parsed.contact and parsed.contact.verified:
        assert raw["message"]["contact"]["user_id"] == raw["message"]["from"]["id"] == parsed.chat_id
