"""The same station before a central system of another make, which checks every frame against the schemas of 2.0.1."""

import pytest

from harness.csms import ALICE, BOB
from harness.node_csms import NodeCsms201, missing
from harness.world import scenario
from harness.world201 import ENERGY, World201

pytestmark = pytest.mark.skipif(bool(missing()), reason=str(missing()))

EVERYTHING = f"{ENERGY},Power.Active.Import,Current.Import,Voltage,SoC"


def strict(**options):
    return scenario(csms=NodeCsms201, world=World201, **options)


@strict()
async def test_session(w):
    tx = await w.session(minutes=30)
    assert (tx.tag, tx.reason) == (ALICE, "Local")


@strict(
    evse=2,
    settings={
        "SampledDataCtrlr.TxStartedMeasurands": EVERYTHING,
        "SampledDataCtrlr.TxUpdatedMeasurands": EVERYTHING,
        "SampledDataCtrlr.TxUpdatedInterval": "60",
        "SampledDataCtrlr.TxEndedMeasurands": EVERYTHING,
        "SampledDataCtrlr.TxEndedInterval": "300",
        "AlignedDataCtrlr.Measurands": EVERYTHING,
        "AlignedDataCtrlr.Interval": "300",
        "AlignedDataCtrlr.TxEndedMeasurands": EVERYTHING,
        "AlignedDataCtrlr.TxEndedInterval": "300",
    },
)
async def test_sessions_with_all_meter_values(w):
    first = await w.charge(ALICE, evse=1)
    second = await w.charge(BOB, evse=2)
    await w.st.cmd("ev", evse=1, soc=20)
    await w.advance(900)
    await w.finish(first)
    await w.finish(second)
    w.check_energy(first, 15)
    assert len(second.end["meterValue"]) > 2


@strict()
async def test_outage(w):
    tx = await w.charge()
    await w.advance(300)
    await w.go_offline()
    await w.advance(300)
    await w.go_online()
    await w.finish(tx)
    w.check_energy(tx, 10)
    await w.go_offline()
    await w.offline_session(ALICE)
    await w.go_online()
    await w.settle()
    assert all(w.csms.ledger.transactions[1].offline)


@strict()
async def test_remote(w):
    await w.plug()
    token = {"idToken": BOB, "type": "ISO14443"}
    assert await w.status("RequestStartTransaction", idToken=token, remoteStartId=7, evseId=1) == "Accepted"
    tx = await w.charging()
    assert await w.status("RequestStopTransaction", transactionId=tx.id) == "Accepted"
    await w.ended(tx)
    assert tx.reason == "Remote"
    await w.unplug()


@strict(evse=2)
async def test_device_model(w):
    for base in ("FullInventory", "ConfigurationInventory", "SummaryInventory"):
        assert await w.report("GetBaseReport", reportBase=base)
    assert await w.report("GetReport", componentVariable=[{"component": {"name": "EVSE", "evse": {"id": 2}}}])
    assert await w.set("TxCtrlr", "EVConnectionTimeOut", "77") == "Accepted"
    assert (await w.get("TxCtrlr", "EVConnectionTimeOut"))["attributeValue"] == "77"
    assert await w.set("TxCtrlr", "NoSuchVariable", "77") == "UnknownVariable"


@strict()
async def test_operations(w):
    assert await w.status("ClearCache") == "Accepted"
    assert await w.status("DataTransfer", vendorId="org.example") == "UnknownVendorId"
    assert await w.while_time_passes(w.status("UnlockConnector", evseId=1, connectorId=1)) == "Unlocked"
    for status, told in (("Inoperative", "Unavailable"), ("Operative", "Available")):
        assert await w.status("ChangeAvailability", operationalStatus=status, evse={"id": 1}) == "Accepted"
        await w.connector(1, told)
    for message in ("Heartbeat", "StatusNotification", "MeterValues"):
        place = {"evse": {"id": 1, "connectorId": 1}} if message == "StatusNotification" else {}
        assert await w.status("TriggerMessage", requestedMessage=message, **place) == "Accepted"
        await w.csms.next(message)
    entry = {"idToken": {"idToken": ALICE, "type": "ISO14443"}, "idTokenInfo": {"status": "Accepted"}}
    sent = await w.status("SendLocalList", versionNumber=3, updateType="Full", localAuthorizationList=[entry])
    assert sent == "Accepted" and (await w.csms.call("GetLocalListVersion"))["versionNumber"] == 3
    log = {"remoteLocation": "https://h/log"}
    assert await w.status("GetLog", log=log, logType="SecurityLog", requestId=1) == "Rejected"


@pytest.mark.parametrize("kind", ["Immediate", "OnIdle"])
@strict()
async def test_reset_while_charging(w, kind):
    tx = await w.charge()
    await w.advance(300)
    status = await w.status("Reset", type=kind)
    if kind == "OnIdle":
        assert status == "Scheduled"
        await w.tap()
    await w.rebooted()
    await w.ready()
    await w.settle()
    assert tx.reason == ("ImmediateReset" if kind == "Immediate" else "Local")
    w.check_energy(tx, 5)


@strict(settings={"SampledDataCtrlr.TxUpdatedInterval": "60"})
async def test_power_cut(w):
    tx = await w.charge()
    await w.advance(300)
    await w.power_cut()
    await w.boot()
    await w.ended(tx)
    assert tx.reason == "PowerLoss"
