"""Faults, short states, and what a connector's status says about them."""

import pytest

from harness.world import scenario


@pytest.mark.parametrize("code", ["GroundFailure", "OverCurrentFailure", "PowerSwitchFailure"])
@scenario(evse=2)
async def test_fault_and_back(w, code):
    await w.st.cmd("fault", evse=1, connector=1, code=code, info="seen by the scenario", vendor_code="V42")
    fault = await w.csms.next("StatusNotification", connectorId=1, status="Faulted")
    assert fault["errorCode"] == code
    assert (fault.get("info"), fault.get("vendorErrorCode")) == ("seen by the scenario", "V42")
    await w.st.cmd("fault", evse=1, connector=1, code=code, on=False)
    back = await w.csms.next("StatusNotification", connectorId=1, status="Available")
    assert back["errorCode"] == "NoError"
    assert w.csms.statuses(2) == ["Available"], "a fault of one connector is not the other's"
    await w.session()


@scenario()
async def test_faulted_connector_does_not_start(w):
    await w.st.cmd("fault", evse=1, connector=1, code="GroundFailure")
    await w.csms.next("StatusNotification", connectorId=1, status="Faulted")
    remote = await w.csms.call("RemoteStartTransaction", idTag="ALICE-01", connectorId=1)
    assert remote["status"] == "Rejected"
    await w.plug()
    await w.tap()
    await w.settle()
    await w.assert_idle()
    assert w.csms.told("StartTransaction") == []
    await w.st.cmd("unplug")
    await w.st.cmd("fault", evse=1, connector=1, code="GroundFailure", on=False)
    await w.csms.next("StatusNotification", connectorId=1, status="Available")


@scenario()
async def test_fault_while_charging(w):
    """Power goes at once; when the fault is gone, the connector returns to what it did."""
    tx = await w.charge()
    await w.advance(300)
    await w.st.cmd("fault", evse=1, connector=1, code="OverCurrentFailure")
    await w.st.event("contactor", evse=1, closed=False)
    await w.csms.next("StatusNotification", connectorId=1, status="Faulted", errorCode="OverCurrentFailure")
    await w.advance(300)
    await w.st.cmd("fault", evse=1, connector=1, code="OverCurrentFailure", on=False)
    await w.settle()
    await w.csms.next("StatusNotification", connectorId=1, status="Charging", errorCode="NoError")
    await w.advance(300)
    await w.finish(tx)
    w.check_energy(tx, 10)


@scenario(evse=2)
async def test_fault_of_the_whole_station(w):
    await w.st.cmd("fault", code="InternalError")
    await w.csms.next("StatusNotification", connectorId=0, status="Faulted", errorCode="InternalError")
    await w.st.cmd("fault", code="InternalError", on=False)
    await w.csms.next("StatusNotification", connectorId=0, status="Available", errorCode="NoError")
    await w.settle()
    assert [w.csms.statuses(c)[-1] for c in range(3)] == ["Available"] * 3


@scenario()
async def test_warning_is_not_a_fault(w):
    """An error that does not stop charging goes with the status as it is."""
    await w.st.cmd("fault", evse=1, connector=1, code="WeakSignal")
    warning = await w.csms.next("StatusNotification", connectorId=1, errorCode="WeakSignal")
    assert warning["status"] == "Available"
    await w.st.cmd("fault", evse=1, connector=1, code="WeakSignal", on=False)
    await w.csms.next("StatusNotification", connectorId=1, status="Available", errorCode="NoError")
    await w.session()


@scenario(boot=False, settings={"MinimumStatusDuration": "10"})
async def test_short_states_are_left_out(w):
    await w.power_up()
    await w.csms.next("BootNotification")
    await w.advance(15)
    await w.csms.next("StatusNotification", connectorId=1, status="Available")
    mark = w.csms.log.mark
    await w.plug()
    await w.advance(5)
    await w.st.cmd("unplug")
    await w.advance(15)
    await w.csms.sync()
    assert w.csms.statuses(1, since=mark) == []
    await w.plug()
    await w.advance(11)
    await w.csms.next("StatusNotification", connectorId=1, status="Preparing")
    await w.st.cmd("unplug")
    await w.advance(11)
    await w.csms.next("StatusNotification", connectorId=1, status="Available")


@scenario()
async def test_only_the_present_is_told_after_an_outage(w):
    await w.go_offline()
    mark = w.csms.log.mark
    await w.plug()
    await w.advance(10)
    await w.st.cmd("unplug")
    await w.advance(10)
    await w.go_online()
    assert w.csms.statuses(1, since=mark) == []
    await w.go_offline()
    await w.plug()
    await w.advance(10)
    await w.go_online()
    assert w.csms.statuses(1, since=mark) == ["Preparing"]
    await w.unplug()
