"""The other things a central system asks for: availability, locks, triggers, data, caches."""

from datetime import timedelta

import pytest

from harness.central import CallError
from harness.check import parse_time, samples_in
from harness.csms import ALICE, BOB
from harness.world import scenario


async def change_availability(w, connector, kind):
    return (await w.csms.call("ChangeAvailability", connectorId=connector, type=kind))["status"]


@scenario(evse=2)
async def test_availability_of_a_connector(w):
    assert await change_availability(w, 1, "Inoperative") == "Accepted"
    await w.csms.next("StatusNotification", connectorId=1, status="Unavailable")
    await w.session(evse=2)
    mark = w.csms.log.mark
    assert await change_availability(w, 1, "Inoperative") == "Accepted"
    await w.settle()
    assert w.csms.statuses(1, since=mark) == [], "nothing has changed"
    assert await change_availability(w, 1, "Operative") == "Accepted"
    await w.csms.next("StatusNotification", connectorId=1, status="Available")
    await w.session(evse=1)


@scenario(evse=2)
async def test_availability_of_the_station(w):
    assert await change_availability(w, 0, "Inoperative") == "Accepted"
    for connector in range(3):
        await w.csms.next("StatusNotification", connectorId=connector, status="Unavailable")
    assert await change_availability(w, 0, "Operative") == "Accepted"
    for connector in range(3):
        await w.csms.next("StatusNotification", connectorId=connector, status="Available")
    await w.session(evse=2)


@scenario()
async def test_availability_waits_for_the_session(w):
    tx = await w.charge()
    assert await change_availability(w, 1, "Inoperative") == "Scheduled"
    await w.advance(300)
    assert tx.open
    await w.tap()
    await w.csms.next("StopTransaction", transactionId=tx.id)
    await w.settle()
    await w.st.cmd("unplug")
    await w.settle()
    await w.csms.next("StatusNotification", connectorId=1, status="Unavailable")
    w.check_energy(tx, 5)
    assert await change_availability(w, 1, "Operative") == "Accepted"
    await w.csms.next("StatusNotification", connectorId=1, status="Available")


@scenario(evse=2)
async def test_availability_survives_a_restart(w):
    assert await change_availability(w, 2, "Inoperative") == "Accepted"
    await w.csms.next("StatusNotification", connectorId=2, status="Unavailable")
    await w.power_cut()
    await w.boot()
    assert (w.csms.statuses(1)[-1], w.csms.statuses(2)[-1]) == ("Available", "Unavailable")
    assert (await w.csms.call("Reset", type="Soft"))["status"] == "Accepted"
    await w.rebooted()
    await w.ready()
    assert w.csms.statuses(2)[-1] == "Unavailable"


@scenario()
async def test_availability_of_no_connector(w):
    try:
        assert await change_availability(w, 9, "Inoperative") == "Rejected"
    except CallError as e:
        assert e.code == "PropertyConstraintViolation"


async def unlock(w, connector=1):
    """A lock may take its time."""
    answer = await w.while_time_passes(w.csms.call("UnlockConnector", connectorId=connector))
    return answer["status"]


@scenario()
async def test_unlock(w):
    assert await unlock(w) == "Unlocked"


@scenario()
async def test_unlock_fails(w):
    await w.st.cmd("lock", mode="fail_unlock")
    tx = await w.charge()
    assert await unlock(w) == "UnlockFailed"
    await w.csms.next("StopTransaction", transactionId=tx.id)
    assert tx.reason == "UnlockCommand", "the session is over even if the lock is stuck"
    await w.st.cmd("lock", mode="ok")
    assert await unlock(w) == "Unlocked"
    await w.settle()
    await w.unplug()


@scenario(lock="none")
async def test_unlock_without_a_lock(w):
    assert await unlock(w) == "NotSupported"


@scenario()
async def test_unlock_of_no_connector(w):
    assert await unlock(w, 7) == "NotSupported"


@scenario()
async def test_unlock_ends_the_session(w):
    tx = await w.charge()
    await w.advance(300)
    assert await unlock(w) == "Unlocked"
    await w.ended(tx)
    assert tx.reason == "UnlockCommand"
    w.check_energy(tx, 5)
    await w.unplug()


async def trigger(w, message, **more):
    mark = w.csms.log.mark
    status = (await w.csms.call("TriggerMessage", requestedMessage=message, **more))["status"]
    return status, mark


@scenario()
async def test_trigger_heartbeat(w):
    assert (await trigger(w, "Heartbeat"))[0] == "Accepted"
    await w.csms.next("Heartbeat")


@scenario(evse=2)
async def test_trigger_status(w):
    status, mark = await trigger(w, "StatusNotification", connectorId=2)
    assert status == "Accepted"
    await w.csms.next("StatusNotification", connectorId=2)
    await w.settle()
    assert [len(w.csms.statuses(c, since=mark)) for c in range(3)] == [0, 0, 1]
    status, mark = await trigger(w, "StatusNotification")
    assert status == "Accepted"
    await w.settle()
    assert [w.csms.statuses(c, since=mark) for c in range(3)] == [["Available"]] * 3


@scenario(settings={"MeterValuesSampledData": "Energy.Active.Import.Register,Power.Active.Import"})
async def test_trigger_meter_values(w):
    tx = await w.charge()
    await w.advance(60)
    assert (await trigger(w, "MeterValues", connectorId=1))[0] == "Accepted"
    values = await w.csms.next("MeterValues", connectorId=1)
    assert values["transactionId"] == tx.id
    samples = list(samples_in(values))
    assert {s["context"] for s in samples} == {"Trigger"}
    told = {s.get("measurand", "Energy.Active.Import.Register") for s in samples}
    assert told == {"Energy.Active.Import.Register", "Power.Active.Import"}
    assert abs(parse_time(values["meterValue"][0]["timestamp"]) - w.csms.now) < timedelta(seconds=5)
    await w.finish(tx)


@scenario(evse=2)
async def test_trigger_meter_values_everywhere(w):
    status, mark = await trigger(w, "MeterValues")
    assert status == "Accepted"
    await w.settle()
    told = {c["connectorId"] for c in w.csms.told("MeterValues", since=mark)}
    assert {1, 2} <= told


@scenario()
async def test_trigger_boot_after_acceptance(w):
    """There is nothing to register any more."""
    assert (await trigger(w, "BootNotification"))[0] == "Rejected"


@pytest.mark.parametrize("message", ["DiagnosticsStatusNotification", "FirmwareStatusNotification"])
@scenario()
async def test_trigger_transfer_status(w, message):
    """Idle when nothing is under way; a station without transfers says so."""
    status, _ = await trigger(w, message)
    if status == "Accepted":
        assert (await w.csms.next(message))["status"] == "Idle"
    else:
        assert status == "NotImplemented"


@scenario()
async def test_trigger_on_no_connector(w):
    try:
        assert (await trigger(w, "StatusNotification", connectorId=8))[0] == "Rejected"
    except CallError as e:
        assert e.code == "PropertyConstraintViolation"


@scenario()
async def test_data_to_the_station(w):
    answer = await w.csms.call("DataTransfer", vendorId="org.example.unheard", messageId="x", data="y")
    assert answer == {"status": "UnknownVendorId"}


@pytest.mark.parametrize("status", ["Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId"])
@scenario()
async def test_data_from_the_station(w, status):
    seen = []

    def answer(payload):
        seen.append(payload)
        return {"status": status, "data": 'quo"ted ✓'} if status == "Accepted" else {"status": status}

    w.csms.on_data_transfer = answer
    await w.st.cmd("data_transfer", vendor="org.example", message="greeting", data='{"hello":"wörld"}')
    result = await w.st.event("data_transfer_result")
    assert seen == [{"vendor_id": "org.example", "message_id": "greeting", "data": '{"hello":"wörld"}'}]
    assert result["status"] == status
    if status == "Accepted":
        assert result["data"] == 'quo"ted ✓'


@scenario()
async def test_clear_cache(w):
    await w.session(ALICE, minutes=1)
    assert (await w.csms.call("ClearCache"))["status"] == "Accepted"
    await w.go_offline()
    await w.plug()
    await w.tap()
    await w.advance(10)
    await w.assert_idle()
    await w.st.cmd("unplug")
    await w.go_online()
    assert len(w.csms.ledger.transactions) == 1


@scenario()
async def test_clear_cache_leaves_sessions_alone(w):
    tx = await w.charge()
    assert (await w.csms.call("ClearCache"))["status"] == "Accepted"
    await w.advance(600)
    await w.finish(tx)
    w.check_energy(tx, 10)


@scenario()
async def test_operations_while_charging(w):
    """Nothing of this touches the session."""
    tx = await w.charge()
    for action, payload in (
        ("GetConfiguration", {}),
        ("ChangeConfiguration", {"key": "MeterValueSampleInterval", "value": "60"}),
        ("DataTransfer", {"vendorId": "org.example"}),
        ("TriggerMessage", {"requestedMessage": "StatusNotification"}),
        ("ClearCache", {}),
    ):
        await w.csms.call(action, **payload)
        await w.advance(60)
    await w.finish(tx)
    w.check_energy(tx, 5)


@scenario(settings={"LocalPreAuthorize": "true"})
async def test_local_list(w):
    async def send(number, update, *tags):
        entries = [{"idTag": tag, **({"idTagInfo": {"status": status}} if status else {})} for tag, status in tags]
        sent = {"listVersion": number, "updateType": update, "localAuthorizationList": entries}
        return (await w.csms.call("SendLocalList", **sent))["status"]

    assert (await w.csms.call("GetLocalListVersion"))["listVersion"] == 0
    assert await send(1, "Full", (ALICE, "Accepted"), (BOB, "Blocked")) == "Accepted"
    assert await send(2, "Differential", (BOB, None)) == "Accepted"
    assert await send(2, "Differential", (BOB, "Accepted")) == "VersionMismatch"
    await w.power_cut()
    await w.boot()
    assert (await w.csms.call("GetLocalListVersion"))["listVersion"] == 2
    assert (await w.st.state())["local_list"] == {"version": 2, "n": 1}
    await w.session(ALICE)
    assert w.csms.told("Authorize") == [], "who is on the list need not be asked about"
    await w.go_offline()
    await w.offline_session(ALICE)
    await w.go_online()
