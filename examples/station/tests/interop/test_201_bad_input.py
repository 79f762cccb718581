"""What must not hurt in 2.0.1: every fault has its code, and a running session goes on."""

import asyncio

import pytest

from harness.check import ERROR_CODES, NO_ID
from harness.world201 import scenario201

FILTER = '{"component":{"name":"TxCtrlr"},"variable":{"name":"EVConnectionTimeOut"}%s}'


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


async def refused(w, template, **options):
    """The code of the CALLERROR that answers a frame, its id being written `%id`."""
    frame = await charging_through(w, lambda: w.csms.ask(template, **options))
    assert frame[0] == 4, f"not refused: {frame}"
    return frame[2]


@pytest.mark.parametrize("action", ["MakeCoffee", "reset", "ChangeConfiguration", "BootNotification", ""])
@scenario201()
async def test_unknown_action(w, action):
    """Nothing that 2.0.1 has, or nothing that a central system says."""
    assert await refused(w, f'[2,"%id","{action}",{{"strength":3}}]') == "NotImplemented"


@pytest.mark.parametrize(
    "call",
    [
        '"ReserveNow",{"id":1,"expiryDateTime":"2031-03-04T11:00:00Z","idToken":{"idToken":"A","type":"Central"}}',
        '"CostUpdated",{"totalCost":1,"transactionId":"1"}',
        '"GetDisplayMessages",{"requestId":1}',
        '"SetVariableMonitoring",{"setMonitoringData":[]}',
        '"InstallCertificate",{"certificateType":"CSMSRootCertificate","certificate":"x"}',
        '"GetCompositeSchedule",{"duration":60,"evseId":1}',
    ],
)
@scenario201()
async def test_unsupported_action(w, call):
    assert await refused(w, f'[2,"%id",{call}]') == "NotSupported"


@pytest.mark.parametrize(
    "call,code",
    [
        # Missing, or an empty list.
        ('"Reset",{}', "OccurrenceConstraintViolation"),
        ('"RequestStopTransaction",{}', "OccurrenceConstraintViolation"),
        ('"RequestStartTransaction",{"remoteStartId":1}', "OccurrenceConstraintViolation"),
        ('"RequestStartTransaction",{"remoteStartId":1,"idToken":{"idToken":"A"}}', "OccurrenceConstraintViolation"),
        ('"GetVariables",{"getVariableData":[]}', "OccurrenceConstraintViolation"),
        ('"SetVariables",{"setVariableData":[%s]}' % (FILTER % ""), "OccurrenceConstraintViolation"),
        # Of the wrong type.
        ('"Reset",{"type":1}', "TypeConstraintViolation"),
        ('"Reset",{"type":null}', "TypeConstraintViolation"),
        ('"GetVariables",{"getVariableData":{}}', "TypeConstraintViolation"),
        ('"GetVariables",{"getVariableData":[7]}', "TypeConstraintViolation"),
        ('"UnlockConnector",{"evseId":"1","connectorId":1}', "TypeConstraintViolation"),
        ('"UnlockConnector",{"evseId":1.5,"connectorId":1}', "TypeConstraintViolation"),
        ('"RequestStopTransaction",{"transactionId":7}', "TypeConstraintViolation"),
        # Too long, or not one of the values.
        ('"Reset",{"type":"Soft"}', "PropertyConstraintViolation"),
        ('"ChangeAvailability",{"operationalStatus":"operative"}', "PropertyConstraintViolation"),
        (f'"RequestStopTransaction",{{"transactionId":"{"1" * 37}"}}', "PropertyConstraintViolation"),
        ('"UnlockConnector",{"evseId":99999999999999999999,"connectorId":1}', "PropertyConstraintViolation"),
        (
            '"GetVariables",{"getVariableData":[%s]}' % (FILTER % ',"attributeType":"Best"'),
            "PropertyConstraintViolation",
        ),
        # Not an object, or broken after the id.
        ('"Reset",[]', "FormatViolation"),
        ('"Reset","Immediate"', "FormatViolation"),
        ('"ClearCache"', "FormatViolation"),
        ('"Reset",{"type":"Immediate"', "FormatViolation"),
        ('"Reset",{"type":"Imm\\qediate"}', "FormatViolation"),
        ('"ClearCache",{"x":NaN}', "FormatViolation"),
        ('"ClearCache",{"x":01}', "FormatViolation"),
    ],
)
@scenario201()
async def test_wrong_payload(w, call, code):
    assert await refused(w, f'[2,"%id",{call}]') == code


@pytest.mark.parametrize("template", ['[5,"%id",{}]', '[9,"%id","Reset",{"type":"Immediate"}]', '[0,"%id"]'])
@scenario201()
async def test_unknown_message_type(w, template):
    assert await refused(w, template) == "MessageTypeNotSupported"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "{}",
        "[]",
        "null",
        "[2",
        "[2,7,1]",
        '["2","x","Reset",{}]',
        '[2,17,"Reset",{"type":"Immediate"}]',
        '[2,"' + "x" * 300 + '","Reset",{"type":"Immediate"}]',
        "\0\0\0",
    ],
    ids=lambda text: repr(text[:40]),
)
@scenario201()
async def test_what_is_no_frame(w, text):
    """It has no id, and the answer says so; what was wrong is not sent back."""
    frame = await charging_through(w, lambda: w.csms.ask(text, id=NO_ID))
    assert frame[:3] == [4, NO_ID, "RpcFrameworkError"]
    assert len(text) < 10 or text[:10] not in frame[3]


@pytest.mark.parametrize(
    "text",
    [
        '[3,"nobody-asked",{}]',
        '[3,"nobody-asked",{"status":"Accepted","currentTime":"1999-01-01T00:00:00Z","interval":1}]',
        '[3,"nobody-asked"]',
        '[3,"x"',
        '[4,"nobody-asked","InternalError","",{}]',
        '[4,"nobody-asked"]',
        '[4,"-1","RpcFrameworkError","",{}]',
        '[3,"x",' + nested(10_000) + "]",
        '[3,"x",{"' + "y" * 100_000 + '":1}]',
    ],
    ids=lambda text: repr(text[:40]),
)
@scenario201()
async def test_broken_answers_are_not_answered(w, text):
    await charging_through(w, lambda: w.csms.raw(text))


@pytest.mark.parametrize("text", ["[2," + nested(10_000), nested(10_000), "x" * 100_000], ids=("call", "list", "text"))
@scenario201()
async def test_what_is_no_frame_beyond_the_buffer(w, text):
    """What is too long to be looked at is refused by its beginning, which has no id."""
    frame = await charging_through(w, lambda: w.csms.ask(text, id=NO_ID))
    assert frame[:3] == [4, NO_ID, "RpcFrameworkError"]


@scenario201()
async def test_frame_beyond_the_buffer(w):
    value = "x" * 100_000
    template = f'[2,"%id","DataTransfer",{{"vendorId":"org.example","data":"{value}"}}]'
    assert await refused(w, template) in ERROR_CODES["2.0.1"]


@scenario201()
async def test_custom_data_is_never_a_reason_to_refuse(w):
    custom = '"customData":{"vendorId":"org.example","deep":[{"x":null}]}'
    frame = await w.csms.ask(
        f'[2,"%id","GetVariables",{{"getVariableData":[{FILTER % ("," + custom)}],{custom}}}]', "GetVariables"
    )
    assert frame[0] == 3 and frame[2]["getVariableResult"][0]["attributeStatus"] == "Accepted"


@scenario201()
async def test_answers_that_do_not_fit(w):
    """An answer with the right id and the wrong content is an answer: the queue moves on."""
    for payload in ("{}", '{"idTokenInfo":{}}', '"no object"', "[]", '{"customData":7}'):
        w.csms.answer["TransactionEvent"].append(payload)
    await w.st.cmd("meter", power_w=6000)
    await w.plug()
    await w.tap()
    await w.settle()
    await w.tap()
    await w.settle()
    tx = w.csms.ledger.only
    await w.ended(tx)
    assert tx.told == [1] * len(tx.events)
    w.csms.answer["TransactionEvent"].clear()
    await w.unplug()
    await w.session()


@pytest.mark.parametrize("code", ["InternalError", "OccurenceConstraintViolation", "FormationViolation", "Whatever"])
@scenario201()
async def test_call_error_does_not_lose_an_event(w, code):
    """Told again, in whatever words the error came; the transaction is whole in the end."""
    tx = await w.charge()
    await w.advance(600)
    w.csms.fail["TransactionEvent"].append(code)
    await w.tap()
    await w.csms.next("TransactionEvent", eventType="Ended")
    assert tx.open
    await w.advance(15)
    await w.ended(tx)
    w.check_energy(tx, 10)
    await w.unplug()


@scenario201()
async def test_many_calls_at_once(w):
    asked = [w.csms.ask('[2,"%id","ClearCache",{}]', "ClearCache") for _ in range(20)]
    frames = await asyncio.gather(*asked)
    assert {frame[0] for frame in frames} <= {3, 4}
    await w.session()


@scenario201(boot=False)
async def test_calls_before_acceptance(w):
    """Rejected: only SecurityError is answered. Pending: asked it answers, and starts nothing."""
    w.csms.verdicts.extendleft([("Pending", 60), ("Rejected", 60)])
    await w.power_up()
    await w.csms.next("BootNotification")
    frame = await w.csms.ask('[2,"%id","ClearCache",{}]')
    assert frame[:1] + frame[2:3] == [4, "SecurityError"]
    await w.advance(65)
    await w.csms.next("BootNotification")
    assert (await w.get("TxCtrlr", "TxStartPoint"))["attributeStatus"] == "Accepted"
    token = {"idToken": "A", "type": "Central"}
    assert await w.status("RequestStartTransaction", idToken=token, remoteStartId=1) == "Rejected"
    await w.advance(65)
    await w.ready()
    await w.session()
