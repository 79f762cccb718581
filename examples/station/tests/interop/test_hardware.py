"""Simulated hardware that breaks, and cars that behave badly: what the guard of a connector does, and tells."""

import pytest

from harness.world import scenario


@pytest.mark.parametrize("code", ["GroundFailure", "HighTemperature", "PowerSwitchFailure"])
@scenario()
async def test_broken_hardware_ends_the_current_and_mended_it_flows_again(w, code):
    tx = await w.charge()
    await w.advance(60)
    await w.st.cmd("fault", evse=1, connector=1, code=code, info="broken by the scenario")
    await w.st.event("contactor", evse=1, closed=False)
    fault = await w.csms.next("StatusNotification", connectorId=1, status="Faulted", errorCode=code)
    assert fault["info"] == "broken by the scenario"
    await w.advance(600)
    assert w.csms.statuses(1)[-1] == "Faulted"
    assert not (await w.st.state())["evse"][0]["contactor"]
    await w.st.cmd("fault", evse=1, connector=1, code=code, on=False)
    await w.st.event("contactor", evse=1, closed=True)
    await w.csms.next("StatusNotification", connectorId=1, status="Charging", errorCode="NoError")
    await w.advance(60)
    await w.finish(tx)
    w.check_energy(tx, 2)


@pytest.mark.parametrize("state", ["E", "F"])
@scenario()
async def test_faulty_pilot(w, state):
    """Opens at once; a warning, for the car may come back, and then it charges on."""
    tx = await w.charge()
    await w.advance(60)
    await w.st.cmd("ev", evse=1, state=state)
    await w.st.event("contactor", evse=1, closed=False)
    told = await w.csms.next("StatusNotification", connectorId=1, errorCode="EVCommunicationError")
    assert told["status"] != "Faulted"
    await w.advance(60)
    await w.st.cmd("ev", evse=1, state="C")
    await w.st.event("contactor", evse=1, closed=True)
    await w.csms.next("StatusNotification", connectorId=1, status="Charging", errorCode="NoError")
    await w.advance(60)
    await w.finish(tx)


@scenario()
async def test_car_that_wants_ventilation(w):
    """The simulated room has it."""
    tx = await w.charge()
    await w.st.cmd("ev", evse=1, state="D")
    await w.settle()
    assert w.csms.statuses(1)[-1] == "Charging"
    assert (await w.st.state())["evse"][0]["contactor"]
    await w.finish(tx)


@scenario()
async def test_lock_that_does_not_close(w):
    await w.st.cmd("lock", mode="fail_lock")
    await w.plug()
    await w.tap()
    await w.csms.next("StatusNotification", connectorId=1, status="Faulted", errorCode="ConnectorLockFailure")
    await w.settle()
    assert not (await w.st.state())["evse"][0]["contactor"]
    await w.st.cmd("unplug")
    await w.settle()
    assert w.csms.ledger.only.energy == 0


@scenario()
async def test_car_that_sleeps(w):
    """Thirty seconds of an offer, and it is woken; nobody else notices."""
    await w.st.cmd("plug", ready=False)
    await w.tap()
    await w.advance(120)
    assert w.csms.statuses(1)[-1] == "SuspendedEV"
    await w.st.cmd("ev", evse=1, state="C")
    tx = await w.charging()
    assert "Faulted" not in w.csms.statuses(1)
    await w.finish(tx)
