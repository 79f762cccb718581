"""What a 2.0.1 central system asks for: remote control, availability, resets, triggers, lists, transfers."""

from datetime import timedelta

import pytest

from harness.central import CallError
from harness.csms import ALICE, BOB, MALLORY, Tag
from harness.station import CommandFailed
from harness.world import POWER_W
from harness.world201 import scenario201


def token(text, kind="ISO14443"):
    return {"idToken": text, "type": kind}


async def start(w, text=BOB, kind="ISO14443", **more):
    return await w.csms.call("RequestStartTransaction", idToken=token(text, kind), remoteStartId=4711, **more)


@scenario201(settings={"AuthCtrlr.AuthorizeRemoteStart": "true"})
async def test_remote_start_and_stop(w):
    await w.st.cmd("meter", power_w=POWER_W)
    await w.plug()
    assert (await start(w, evseId=1))["status"] == "Accepted"
    tx = await w.charging()
    assert tx.start["transactionInfo"]["remoteStartId"] == 4711
    assert (tx.triggers[0], tx.tokens) == ("RemoteStart", [BOB])
    assert len(w.csms.told("Authorize")) == 1
    await w.advance(600)
    assert await w.status("RequestStopTransaction", transactionId=tx.id) == "Accepted"
    await w.ended(tx)
    assert (tx.triggers[-1], tx.reason, tx.tokens) == ("RemoteStop", "Remote", [BOB])
    w.check_energy(tx, 10)
    await w.unplug()


@scenario201(settings={"AuthCtrlr.AuthorizeRemoteStart": "false"})
async def test_remote_start_before_the_cable(w):
    assert (await start(w))["status"] == "Accepted"
    await w.plug()
    tx = await w.charging()
    assert tx.start["transactionInfo"]["remoteStartId"] == 4711
    assert w.csms.told("Authorize") == []
    await w.finish(tx)


@scenario201(settings={"TxCtrlr.TxStartPoint": "EVConnected"})
async def test_remote_start_of_an_open_transaction(w):
    """The cable has begun it: the answer says which it is."""
    w.csms.tags["central"] = Tag()
    await w.plug()
    await w.told("CablePluggedIn")
    tx = w.csms.ledger.only
    answer = await start(w, "CENTRAL", "Central", evseId=1)
    assert answer == {"status": "Accepted", "transactionId": tx.id}
    event = await w.told("RemoteStart", tx)
    assert event["transactionInfo"]["remoteStartId"] == 4711 and event["idToken"] == token("CENTRAL", "Central")
    await w.settle()
    assert await w.status("RequestStopTransaction", transactionId=tx.id) == "Accepted"
    await w.ended(tx)
    await w.unplug()


@scenario201(evse=2)
async def test_remote_requests_that_cannot_be(w):
    tx = await w.charge(ALICE, evse=1)
    assert (await start(w, evseId=1))["status"] == "Rejected"
    assert (await start(w, evseId=9))["status"] == "Rejected"
    assert await w.status("RequestStopTransaction", transactionId="no-such-transaction") == "Rejected"
    assert await w.status("ChangeAvailability", operationalStatus="Inoperative", evse={"id": 2}) == "Accepted"
    await w.connector(2, "Unavailable")
    assert (await start(w, evseId=2))["status"] == "Rejected"
    await w.finish(tx)


@scenario201(settings={"TxCtrlr.EVConnectionTimeOut": "60"})
async def test_remote_start_without_a_car(w):
    assert (await start(w))["status"] == "Accepted"
    await w.advance(70)
    await w.plug()
    await w.settle()
    assert w.csms.ledger.transactions == []
    await w.unplug()


@scenario201(evse=2, connectors=2)
async def test_change_availability(w):
    async def change(status, **evse):
        return await w.status("ChangeAvailability", operationalStatus=status, **({"evse": evse} if evse else {}))

    assert await change("Inoperative", id=1, connectorId=2) == "Accepted"
    await w.connector(1, "Unavailable", connector=2)
    assert await change("Inoperative", id=2) == "Accepted"
    for connector in (1, 2):
        await w.connector(2, "Unavailable", connector=connector)
    assert await change("Inoperative") == "Accepted"
    await w.connector(1, "Unavailable", connector=1)
    # It is remembered, and each level goes back to its own.
    await w.power_cut()
    await w.boot()
    assert await change("Operative") == "Accepted"
    await w.connector(1, "Available", connector=1)
    assert await change("Operative", id=2) == "Accepted"
    for connector in (1, 2):
        await w.connector(2, "Available", connector=connector)
    assert await change("Operative", id=1, connectorId=2) == "Accepted"
    await w.connector(1, "Available", connector=2)
    assert await change("Inoperative", id=7) == "Rejected"


@scenario201()
async def test_change_availability_waits_for_the_session(w):
    tx = await w.charge()
    assert await w.status("ChangeAvailability", operationalStatus="Inoperative", evse={"id": 1}) == "Scheduled"
    await w.advance(300)
    assert tx.open
    await w.tap()
    await w.ended(tx)
    w.check_energy(tx, 5)
    await w.connector(1, "Unavailable")
    await w.st.cmd("unplug")
    await w.settle()
    await w.tap()
    await w.assert_idle()


@scenario201()
async def test_unlock(w):
    async def unlock(evse=1, connector=1):
        return await w.while_time_passes(w.status("UnlockConnector", evseId=evse, connectorId=connector))

    assert await unlock() == "Unlocked"
    assert await unlock(1, 2) == "UnknownConnector"
    assert await unlock(2, 1) == "UnknownConnector"
    tx = await w.charge()
    assert await unlock() == "OngoingAuthorizedTransaction"
    assert tx.open
    await w.st.cmd("lock", mode="fail_unlock")
    await w.tap()
    await w.ended(tx)
    assert await unlock() == "UnlockFailed"
    await w.st.cmd("lock", mode="ok")
    assert await unlock() == "Unlocked"
    await w.unplug()


@scenario201(lock="none")
async def test_unlock_without_a_lock(w):
    with pytest.raises(CallError, match="NotSupported"):
        await w.csms.call("UnlockConnector", evseId=1, connectorId=1)


async def trigger(w, message, **more):
    return await w.status("TriggerMessage", requestedMessage=message, **more)


UNSUPPORTED_TRIGGERS = (
    "FirmwareStatusNotification",
    "LogStatusNotification",
    "PublishFirmwareStatusNotification",
    "SignChargingStationCertificate",
    "SignCombinedCertificate",
    "SignV2GCertificate",
)


@scenario201(evse=2)
async def test_triggers(w):
    assert await trigger(w, "Heartbeat") == "Accepted"
    await w.csms.next("Heartbeat")
    assert await trigger(w, "StatusNotification", evse={"id": 2, "connectorId": 1}) == "Accepted"
    await w.connector(2, "Available")
    assert await trigger(w, "MeterValues", evse={"id": 2}) == "Accepted"
    told = await w.csms.next("MeterValues", evseId=2)
    assert {s["context"] for v in told["meterValue"] for s in v["sampledValue"]} == {"Trigger"}
    assert await trigger(w, "TransactionEvent", evse={"id": 1}) == "Rejected"
    assert await trigger(w, "BootNotification") == "Rejected", "it was accepted already"
    assert await trigger(w, "StatusNotification", evse={"id": 5, "connectorId": 1}) == "Rejected"
    for message in UNSUPPORTED_TRIGGERS:
        assert await trigger(w, message) == "NotImplemented", message
    tx = await w.charge()
    assert await trigger(w, "TransactionEvent", evse={"id": 1}) == "Accepted"
    event = await w.told("Trigger", tx, chargingState="Charging")
    assert event["meterValue"]
    await w.finish(tx)


@scenario201(boot=False)
async def test_trigger_of_a_boot_notification(w):
    w.csms.verdicts.appendleft(("Pending", 600))
    await w.power_up()
    await w.csms.next("BootNotification")
    assert await trigger(w, "BootNotification") == "Accepted"
    told = await w.csms.next("BootNotification")
    assert told["reason"] == "Triggered"
    await w.connector(1, "Available")
    await w.session()


@scenario201()
async def test_clear_cache(w):
    await w.session(minutes=1)
    assert (await w.st.state())["auth_cache"] == 1
    assert await w.status("ClearCache") == "Accepted"
    assert (await w.st.state())["auth_cache"] == 0
    assert await w.set("AuthCacheCtrlr", "Enabled", "false") == "Accepted"
    assert await w.status("ClearCache") == "Rejected"


def entry(text, status=None, **more):
    info = {"idTokenInfo": {"status": status, **more}} if status else {}
    return {"idToken": token(text), **info}


@scenario201(settings={"AuthCtrlr.LocalPreAuthorize": "true"})
async def test_local_list(w):
    async def version():
        return (await w.csms.call("GetLocalListVersion"))["versionNumber"]

    async def send(number, update, *entries):
        lists = {"localAuthorizationList": list(entries)} if entries else {}
        return await w.status("SendLocalList", versionNumber=number, updateType=update, **lists)

    assert await version() == 0
    assert await send(1, "Full", entry(ALICE, "Accepted"), entry(MALLORY, "Blocked")) == "Accepted"
    assert await send(2, "Differential", entry(BOB, "Accepted"), entry(MALLORY)) == "Accepted"
    assert await send(2, "Differential", entry(MALLORY, "Accepted")) == "VersionMismatch"
    assert await version() == 2
    await w.power_cut()
    await w.boot()
    assert await version() == 2
    assert (await w.st.state())["local_list"] == {"version": 2, "n": 2}
    await w.session(BOB)
    assert w.csms.told("Authorize") == [], "who is on the list need not be asked about"
    await w.go_offline()
    await w.offline_session(ALICE)
    await w.go_online()
    w.check_energy(w.csms.ledger.transactions[-1], 10)
    assert await send(5, "Full") == "Accepted"
    assert (await w.st.state())["local_list"] == {"version": 5, "n": 0}


@scenario201()
async def test_data_transfer(w):
    assert await w.status("DataTransfer", vendorId="org.example.nobody") == "UnknownVendorId"
    answer = await w.csms.call("DataTransfer", vendorId="Example", messageId="m", data="x")
    assert answer["status"] == "Accepted"
    event = await w.st.event("data_transfer")
    assert (event["vendor"], event["message"], event["data"]) == ("Example", "m", "x")
    w.csms.on_data_transfer = lambda told: {"status": "Accepted", "data": f"got {told['data']}"}
    await w.st.cmd("data_transfer", vendor="org.example", message="hello", data="x")
    assert (await w.st.event("data_transfer_result"))["status"] == "Accepted"


@scenario201()
async def test_transaction_status(w):
    tx = await w.charge()
    asked = await w.csms.call("GetTransactionStatus", transactionId=tx.id)
    assert asked == {"ongoingIndicator": True, "messagesInQueue": False}
    await w.finish(tx)
    asked = await w.csms.call("GetTransactionStatus", transactionId=tx.id)
    assert asked == {"ongoingIndicator": False, "messagesInQueue": False}
    assert await w.csms.call("GetTransactionStatus") == {"messagesInQueue": False}


@scenario201()
async def test_nothing_can_be_transferred_yet(w):
    """Neither logs nor firmware: refused, not ignored, and nothing is promised."""
    log = {"remoteLocation": "https://h/log"}
    assert await w.status("GetLog", log=log, logType="DiagnosticsLog", requestId=1) == "Rejected"
    firmware = {"location": "https://h/f", "retrieveDateTime": w.csms.time_text}
    assert await w.status("UpdateFirmware", requestId=2, firmware=firmware) == "Rejected"
    await w.advance(60)
    assert w.csms.told("LogStatusNotification") + w.csms.told("FirmwareStatusNotification") == []


async def rebooted(w, reason):
    """The station restarts and says why."""
    await w.rebooted()
    assert (await w.csms.next("BootNotification"))["reason"] == reason
    await w.settle()


@scenario201()
async def test_reset_at_rest(w):
    for kind in ("Immediate", "OnIdle"):
        assert await w.status("Reset", type=kind) == "Accepted"
        await rebooted(w, "RemoteReset")
    assert await w.status("Reset", type="Immediate", evseId=1) == "Rejected"
    await w.session()


@scenario201()
async def test_immediate_reset_while_charging(w):
    tx = await w.charge()
    await w.advance(300)
    assert await w.status("Reset", type="Immediate") == "Accepted"
    await rebooted(w, "RemoteReset")
    assert (tx.triggers[-1], tx.reason) == ("ResetCommand", "ImmediateReset")
    w.check_energy(tx, 5)
    await w.st.cmd("unplug")
    await w.settle()
    assert len(w.csms.ledger.transactions) == 1


@scenario201(evse=2)
async def test_reset_waits_until_idle(w):
    first = await w.charge(ALICE, evse=1)
    second = await w.charge(BOB, evse=2)
    await w.advance(300)
    assert await w.status("Reset", type="OnIdle") == "Scheduled"
    await w.finish(first)
    await w.advance(300)
    assert second.open and w.st.running
    w.check_energy(first, 5)
    await w.tap(BOB, 2)
    await rebooted(w, "ScheduledReset")
    assert second.reason == "Local"
    w.check_energy(second, 10)


@scenario201()
async def test_no_new_session_before_a_reset(w):
    tx = await w.charge()
    assert await w.status("Reset", type="OnIdle") == "Scheduled"
    assert (await start(w))["status"] == "Rejected"
    await w.tap()
    await rebooted(w, "ScheduledReset")
    assert not tx.open
    await w.st.cmd("unplug")
    await w.settle()


@scenario201()
async def test_reset_by_hand(w):
    await w.st.cmd("reset_button")
    await rebooted(w, "LocalReset")
    await w.power_cut()
    await w.power_up()
    assert (await w.csms.next("BootNotification"))["reason"] == "PowerUp"
    await w.settle()


@scenario201()
async def test_security_events(w):
    """Each start is one; which one depends on what led to it (A04)."""
    await w.settle()
    assert await w.status("Reset", type="Immediate") == "Accepted"
    await rebooted(w, "RemoteReset")
    told = [c["type"] for c in w.csms.told("SecurityEventNotification")]
    assert told == ["StartupOfTheDevice", "ResetOrReboot"]
    assert w.csms.told("SecurityEventNotification")[0]["timestamp"].endswith("Z")


@scenario201()
async def test_heartbeats_and_time(w):
    assert await w.set("OCPPCommCtrlr", "HeartbeatInterval", "600") == "Accepted"
    mark = w.csms.log.mark
    await w.advance(3600)
    assert len(w.csms.told("Heartbeat", since=mark)) == 6
    w.csms.now += timedelta(hours=2)
    await w.advance(600)
    assert (await w.get("ClockCtrlr", "DateTime"))["attributeValue"][:13] == w.csms.time_text[:13]


@scenario201()
async def test_security_event(w):
    """A04.FR.01: what the station notices is told; what it does not know is refused."""
    await w.st.cmd("security_event", type="TamperDetectionActivated", info="door")
    event = await w.csms.next("SecurityEventNotification", type="TamperDetectionActivated")
    assert event["techInfo"] == "door"
    await w.st.event("security_event", type="TamperDetectionActivated")
    with pytest.raises(CommandFailed):
        await w.st.cmd("security_event", type="CoffeeSpilled")
