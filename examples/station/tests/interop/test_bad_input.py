"""What must not hurt: wrong frames, wrong payloads, wrong moments. The link and a running session go on."""

import asyncio

import pytest

from harness.check import ERROR_CODES
from harness.world import scenario

# Profile -> a CALL that belongs to it, for stations without that profile.
OPTIONAL = {
    "Reservation": '"ReserveNow",{"connectorId":1,"expiryDate":"2031-03-04T11:00:00Z","idTag":"A","reservationId":1}',
    "LocalAuthListManagement": '"GetLocalListVersion",{}',
    "SmartCharging": '"GetCompositeSchedule",{"connectorId":1,"duration":60}',
    "FirmwareManagement": '"UpdateFirmware",{"location":"ftp://h/f","retrieveDate":"2031-03-05T10:00:00Z"}',
}


def nested(depth):
    return "[" * depth + "]" * depth


async def charging_through(w, trouble):
    """Run `trouble` in the middle of a session and see that neither the session nor the link minds."""
    tx = await w.charge()
    await w.advance(300)
    result = await trouble()
    await w.csms.sync()
    await w.advance(300)
    await w.finish(tx)
    w.check_energy(tx, 10)
    assert w.csms.connections == 1, "the link was given up"
    return result


async def refused(w, template):
    """The code of the CALLERROR that answers a frame, its id being written `%id`."""
    frame = await charging_through(w, lambda: w.csms.ask(template))
    assert frame[0] == 4, f"not refused: {frame}"
    return frame[2]


async def ignored(w, text, **options):
    """A frame that nothing can be answered to. The central system notes any answer as a fault."""
    await charging_through(w, lambda: w.csms.raw(text, **options))


@pytest.mark.parametrize("action", ["MakeCoffee", "reset", "StatusNotificationX", ""])
@scenario()
async def test_unknown_action(w, action):
    assert await refused(w, f'[2,"%id","{action}",{{"strength":3}}]') == "NotImplemented"


@pytest.mark.parametrize("profile", OPTIONAL)
@scenario()
async def test_unsupported_action(w, profile):
    supported = await w.csms.call("GetConfiguration", key=["SupportedFeatureProfiles"])
    if profile in supported["configurationKey"][0]["value"]:
        pytest.skip(f"the station has {profile}")
    assert await refused(w, f'[2,"%id",{OPTIONAL[profile]}]') == "NotSupported"


@pytest.mark.parametrize("action", ["BootNotification", "Heartbeat", "StartTransaction"])
@scenario()
async def test_action_of_the_other_direction(w, action):
    """A station's own message comes back at it."""
    assert await refused(w, f'[2,"%id","{action}",{{}}]') in ("NotSupported", "NotImplemented")


@pytest.mark.parametrize(
    "call,code",
    [
        # Missing.
        ('"Reset",{}', "ProtocolError"),
        ('"ChangeConfiguration",{"key":"HeartbeatInterval"}', "ProtocolError"),
        ('"RemoteStartTransaction",{"connectorId":1}', "ProtocolError"),
        ('"ChangeAvailability",{"type":"Operative"}', "ProtocolError"),
        # Of the wrong type.
        ('"Reset",{"type":1}', "TypeConstraintViolation"),
        ('"RemoteStopTransaction",{"transactionId":"1"}', "TypeConstraintViolation"),
        ('"RemoteStopTransaction",{"transactionId":1.5}', "TypeConstraintViolation"),
        ('"RemoteStopTransaction",{"transactionId":null}', "TypeConstraintViolation"),
        ('"GetConfiguration",{"key":"HeartbeatInterval"}', "TypeConstraintViolation"),
        ('"GetConfiguration",{"key":[1,2]}', "TypeConstraintViolation"),
        ('"UnlockConnector",{"connectorId":true}', "TypeConstraintViolation"),
        ('"RemoteStartTransaction",{"idTag":"A","chargingProfile":7}', "TypeConstraintViolation"),
        # Too long, or not one of the values.
        ('"Reset",{"type":"Lukewarm"}', "PropertyConstraintViolation"),
        ('"ChangeAvailability",{"connectorId":1,"type":"operative"}', "PropertyConstraintViolation"),
        (f'"RemoteStartTransaction",{{"idTag":"{"A" * 21}"}}', "PropertyConstraintViolation"),
        (f'"ChangeConfiguration",{{"key":"{"K" * 51}","value":"1"}}', "PropertyConstraintViolation"),
        (f'"ChangeConfiguration",{{"key":"K","value":"{"1" * 501}"}}', "PropertyConstraintViolation"),
        (f'"DataTransfer",{{"vendorId":"{"v" * 256}"}}', "PropertyConstraintViolation"),
        ('"RemoteStopTransaction",{"transactionId":99999999999999999999}', "PropertyConstraintViolation"),
        # Not an object, or broken after the id.
        ('"Reset",[]', "FormationViolation"),
        ('"Reset","Soft"', "FormationViolation"),
        ('"ClearCache",null', "FormationViolation"),
        ('"ClearCache"', "FormationViolation"),
        ('"Reset",{"type":"Soft"', "FormationViolation"),
        ('"Reset",{"type":"Soft}', "FormationViolation"),
        ('"Reset",{"type" "Soft"}', "FormationViolation"),
        ('"Reset",{"type":"So\\qft"}', "FormationViolation"),
        ('"Reset",{"type":"Soft",}', "FormationViolation"),
        ('"ClearCache",{"x":NaN}', "FormationViolation"),
        ('"ClearCache",{"x":01}', "FormationViolation"),
    ],
)
@scenario()
async def test_wrong_payload(w, call, code):
    assert await refused(w, f'[2,"%id",{call}]') == code


@pytest.mark.parametrize(
    "template",
    [
        '[2,"%id","Reset",{"type":"Soft","type":"Soft"}]',
        '[2,"%id","Reset",{"type":"Lukewarm"}] and more',
        '[2,"%id",5,{}]',
        '[2,"%id",null,{}]',
    ],
)
@scenario()
async def test_refused_one_way_or_another(w, template):
    """A field twice, trailing data, an action that is no string: which code is a matter of taste."""
    assert await refused(w, template) in ERROR_CODES["1.6"]


@pytest.mark.parametrize("depth", [100, 1000, 10_000])
@scenario()
async def test_nested_deeply(w, depth):
    """Deeper than anyone needs: answered, with whatever code, and no stack overflows."""
    frame = await charging_through(w, lambda: w.csms.ask(f'[2,"%id","ClearCache",{{"x":{nested(depth)}}}]'))
    assert frame[0] in (3, 4)


@scenario()
async def test_frame_beyond_the_buffer(w):
    """100 kB: the id stands at the front, so there is an answer."""
    value = "x" * 100_000
    assert (
        await refused(w, f'[2,"%id","DataTransfer",{{"vendorId":"org.example","data":"{value}"}}]')
        in ERROR_CODES["1.6"]
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "hello",
        "{}",
        "[]",
        "null",
        "42",
        '"[2]"',
        "[2",
        "[2]",
        '[2,"',
        "[2,7,1]",
        '["2","x","Reset",{}]',
        '[2,17,"Reset",{"type":"Hard"}]',
        '[2,null,"Reset",{"type":"Hard"}]',
        '{"2":["x","Reset",{"type":"Hard"}]}',
        '[9,"x","Reset",{"type":"Hard"}]',
        '[9,"x"]',
        '[5,"x","SomethingOfLaterVersions",{}]',
        '[-2,"x","Reset",{"type":"Hard"}]',
        '[2.5,"x","Reset",{"type":"Hard"}]',
        '[3,"nobody-asked",{}]',
        '[3,"nobody-asked",{"status":"Accepted","currentTime":"1999-01-01T00:00:00Z","interval":1}]',
        '[3,"nobody-asked"]',
        '[4,"nobody-asked","InternalError","",{}]',
        '[4,"nobody-asked"]',
        '[3,"' + "x" * 300 + '",{}]',
        "[3," + '"x",' * 500 + "{}]",
        nested(10_000),
        "[2," + nested(10_000),
        '[3,"x",' + nested(10_000) + "]",
        "x" * 100_000,
        '[3,"x",{"' + "y" * 100_000 + '":1}]',
        "\0\0\0",
    ],
    ids=lambda text: repr(text[:40]),
)
@scenario()
async def test_ignored(w, text):
    await ignored(w, text)


@pytest.mark.parametrize("data", [b"", b"\x00\xff\xfe", b'[2,"x","Reset",{"type":"Hard"}]', b"\x80" * 5000])
@scenario()
async def test_binary_frames_are_ignored(w, data):
    """OCPP-J speaks text; a binary frame is not a message even if it looks like one."""
    await ignored(w, data)


@pytest.mark.parametrize("data", [b'[2,"x","Reset",{"type":"\xff\xfe"}]', b"\xc3\x28", b"\xed\xa0\x80"])
@scenario()
async def test_text_that_is_not_utf8(w, data):
    """WebSocket itself forbids this, so the station may hang up, but it comes back and charges on."""
    tx = await w.charge()
    await w.advance(300)
    await w.csms.raw(data, text=True)
    if not await w.csms.alive():
        await w.st.event("offline")
        await w.until(lambda: w.csms.connected, step=5)
    await w.advance(300)
    await w.finish(tx)
    elapsed = (tx.stopped - tx.started).total_seconds() / 60
    w.check_energy(tx, elapsed)


@pytest.mark.parametrize("id", ["a" * 36, "ü" * 36, 'quo"te\\', "\u0001", " ", "-1"])
@scenario()
async def test_ids_come_back_as_they_were(w, id):
    """Up to 36 characters, whatever they are and however they are escaped."""
    for ascii in (False, True):
        frame = await w.csms.ask('[2,"%id","ClearCache",{}]', "ClearCache", id=id, ensure_ascii=ascii)
        assert frame[0] == 3


@scenario()
async def test_an_id_used_again(w):
    """A central system that counts badly: each CALL gets one answer."""
    for _ in range(3):
        frame = await w.csms.ask('[2,"%id","ClearCache",{}]', "ClearCache", id="same")
        assert frame[0] == 3
    await w.session()


@scenario(settings={"ConnectionTimeOut": "600"})
async def test_answers_that_do_not_fit(w):
    """An answer with the right id and the wrong content is an answer: the queue moves on."""
    for payload in ('{"status":"Accepted"}', '{"unheard":[1,2,{"of":null}]}', "{}", '"no object"', "[]"):
        w.csms.answer["StatusNotification"].append(payload)
        await w.plug()
        # Long enough for a call to time out, should the station not take this for an answer.
        await w.advance(120)
        await w.unplug()
    await w.session()


@scenario()
async def test_authorize_answer_that_does_not_fit(w):
    """Without a readable Accepted there is no energy."""
    await w.plug()
    for payload in ("{}", '{"idTagInfo":{}}', '{"idTagInfo":{"status":"Perhaps"}}', '{"idTagInfo":{"status":7}}'):
        w.csms.answer["Authorize"].append(payload)
        await w.tap()
        await w.advance(5)
        await w.assert_idle()
    await w.tap()
    tx = await w.charging()
    await w.finish(tx)


@pytest.mark.parametrize("kind", ['[3,"nobody-asked",%s]', '[3,"",%s]', '[4,"nobody-asked","InternalError","",%s]'])
@scenario()
async def test_foreign_answer_is_not_taken_for_ours(w, kind):
    """While the station waits for one answer, another arrives."""
    w.csms.drop["Authorize"] = 1
    await w.plug()
    await w.tap()
    await w.csms.next("Authorize")
    await w.csms.raw(kind % '{"idTagInfo":{"status":"Accepted"}}')
    await w.csms.sync()
    await w.assert_idle()
    await w.csms.raw(w.csms.dropped[0])
    tx = await w.charging()
    await w.finish(tx)


@scenario()
async def test_many_calls_at_once(w):
    """A central system that does not wait its turn: what is not served is refused, and nothing is lost."""
    asked = [w.csms.ask('[2,"%id","ClearCache",{}]', "ClearCache") for _ in range(20)]
    frames = await asyncio.gather(*asked)
    assert {frame[0] for frame in frames} <= {3, 4}
    await w.session()


@scenario()
async def test_fragments(w):
    """WebSocket may cut a message wherever it likes."""
    for size in (1, 7):
        frame = await w.csms.ask('[2,"%id","ClearCache",{}]', "ClearCache", fragments=size)
        assert frame[0] == 3
    assert await w.csms.alive()
