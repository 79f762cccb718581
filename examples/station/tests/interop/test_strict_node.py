"""The same station before a central system of another make, with a strictness of its own."""

import pytest

from harness.csms import ALICE, BOB
from harness.node_csms import NodeCsms, missing
from harness.world import scenario

pytestmark = pytest.mark.skipif(bool(missing()), reason=str(missing()))

EVERYTHING = "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage"


@scenario(csms=NodeCsms)
async def test_session(w):
    tx = await w.session(minutes=30)
    assert (tx.tag, tx.reason) == (ALICE, "Local")


@scenario(
    csms=NodeCsms,
    evse=2,
    settings={
        "MeterValueSampleInterval": "60",
        "ClockAlignedDataInterval": "300",
        "MeterValuesSampledData": EVERYTHING,
        "MeterValuesAlignedData": EVERYTHING,
        "StopTxnSampledData": EVERYTHING,
        "StopTxnAlignedData": EVERYTHING,
    },
)
async def test_sessions_with_all_meter_values(w):
    first = await w.charge(ALICE, evse=1)
    second = await w.charge(BOB, evse=2)
    await w.advance(900)
    await w.finish(first)
    await w.finish(second)
    w.check_energy(first, 15)
    assert second.stop["transactionData"]


@scenario(csms=NodeCsms)
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
    assert len(w.csms.ledger.transactions) == 2


@scenario(csms=NodeCsms)
async def test_remote(w):
    await w.plug()
    started = await w.csms.call("RemoteStartTransaction", idTag=BOB, connectorId=1)
    assert started["status"] == "Accepted"
    tx = await w.charging()
    stopped = await w.csms.call("RemoteStopTransaction", transactionId=tx.id)
    assert stopped["status"] == "Accepted"
    await w.ended(tx)
    assert tx.reason == "Remote"
    await w.unplug()


@scenario(csms=NodeCsms)
async def test_operations(w):
    async def status(action, **payload):
        return (await w.csms.call(action, **payload))["status"]

    keys = (await w.csms.call("GetConfiguration"))["configurationKey"]
    assert {"HeartbeatInterval", "NumberOfConnectors"} <= {k["key"] for k in keys}
    assert (await w.csms.call("GetConfiguration", key=["NoSuchKey"]))["unknownKey"] == ["NoSuchKey"]
    assert await status("ChangeConfiguration", key="MeterValueSampleInterval", value="60") == "Accepted"
    assert await status("ChangeConfiguration", key="NoSuchKey", value="60") == "NotSupported"
    assert await status("ClearCache") == "Accepted"
    assert await status("DataTransfer", vendorId="org.example") == "UnknownVendorId"
    assert await w.while_time_passes(status("UnlockConnector", connectorId=1)) == "Unlocked"
    assert await status("ChangeAvailability", connectorId=1, type="Inoperative") == "Accepted"
    await w.csms.next("StatusNotification", connectorId=1, status="Unavailable")
    assert await status("ChangeAvailability", connectorId=1, type="Operative") == "Accepted"
    await w.csms.next("StatusNotification", connectorId=1, status="Available")
    for message in ("Heartbeat", "StatusNotification", "MeterValues"):
        assert await status("TriggerMessage", requestedMessage=message) == "Accepted"
        await w.csms.next(message)
    await w.st.cmd("data_transfer", vendor="org.example", data="x")
    assert (await w.st.event("data_transfer_result"))["status"] == "UnknownVendorId"


@scenario(csms=NodeCsms)
async def test_faults(w):
    await w.st.cmd("fault", code="GroundFailure", evse=1, connector=1, info="x" * 50, vendor_code="y" * 50)
    await w.csms.next("StatusNotification", connectorId=1, status="Faulted")
    await w.st.cmd("fault", code="GroundFailure", evse=1, connector=1, on=False)
    await w.csms.next("StatusNotification", connectorId=1, status="Available")


@pytest.mark.parametrize("kind", ["Soft", "Hard"])
@scenario(csms=NodeCsms)
async def test_reset_while_charging(w, kind):
    tx = await w.charge()
    await w.advance(300)
    assert (await w.csms.call("Reset", type=kind))["status"] == "Accepted"
    await w.rebooted()
    await w.ready()
    await w.settle()
    assert tx.reason == f"{kind}Reset"


@scenario(csms=NodeCsms, settings={"MeterValueSampleInterval": "60"})
async def test_power_cut(w):
    tx = await w.charge()
    await w.advance(300)
    await w.power_cut()
    await w.boot()
    await w.csms.next("StopTransaction")
    assert tx.reason == "PowerLoss"
