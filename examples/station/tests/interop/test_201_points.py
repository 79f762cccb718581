"""Start and stop points over the wire (E01, E06): whatever begins a transaction and whatever ends it."""

import pytest

from harness.csms import ALICE
from harness.world import POWER_W
from harness.world201 import scenario201

# With which step of a visit a transaction begins, and the triggers that may be told.
STARTS = {
    "ParkingBayOccupancy": ("enter", {"EVDetected"}),
    "EVConnected": ("plug", {"CablePluggedIn"}),
    "Authorized": ("tap", {"Authorized"}),
    "PowerPathClosed": ("tap", {"Authorized"}),
    # Energy flows because somebody was authorized, or because the car wanted some.
    "EnergyTransfer": ("charge", {"Authorized", "ChargingStateChanged"}),
}
# With which step it ends, the trigger and the reason.
STOPS = {
    "EnergyTransfer": ("rest", "ChargingStateChanged", "StoppedByEV"),
    "Authorized": ("stop", "StopAuthorized", "Local"),
    "PowerPathClosed": ("stop", "StopAuthorized", "Local"),
    "EVConnected": ("unplug", "EVCommunicationLost", "Local"),
    "ParkingBayOccupancy": ("leave", "EVDeparted", "Local"),
}


@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize("start", STARTS)
@scenario201()
async def test_single_points(w, start, stop):
    assert await w.set("TxCtrlr", "TxStartPoint", start) == "Accepted"
    assert await w.set("TxCtrlr", "TxStopPoint", stop) == "Accepted"
    await w.st.cmd("meter", power_w=POWER_W)
    begun, ended = [], []
    for step in ("enter", "plug", "tap", "charge", "rest", "stop", "unplug", "leave"):
        if step == "stop" and ended:
            # Nobody is authorized any more; the identifier would begin a new session.
            continue
        await visit(w, step)
        await w.settle()
        told = w.csms.ledger.transactions
        begun += [step] * len(told)
        ended += [step for tx in told if not tx.open]
    tx = w.csms.ledger.only
    first, first_triggers = STARTS[start]
    last, last_trigger, reason = STOPS[stop]
    assert (begun[0], ended[0]) == (first, last), tx.summary
    assert tx.triggers[0] in first_triggers and tx.triggers[-1] == last_trigger, tx.summary
    assert tx.reason == reason
    assert tx.tokens == [ALICE] * (1 if stop == "EnergyTransfer" else 2)
    # The car draws 6 kW for ten minutes, whatever the transaction is made of.
    w.check_energy(tx, 10)


async def visit(w, step):
    match step:
        case "enter":
            await w.st.cmd("parking", occupied=True)
        case "plug":
            await w.st.cmd("plug", ready=False)
        case "tap" | "stop":
            await w.tap()
        case "charge":
            await w.st.cmd("ev", state="C")
        case "rest":
            await w.advance(599)
            await w.st.cmd("ev", state="B")
        case "unplug":
            await w.st.cmd("unplug")
        case "leave":
            await w.st.cmd("parking", occupied=False)


@scenario201(
    settings={
        "TxCtrlr.TxStartPoint": "ParkingBayOccupancy,EVConnected",
        "TxCtrlr.TxStopPoint": "EVConnected,ParkingBayOccupancy",
    }
)
async def test_lists_of_points(w):
    """The first that is met begins, the first that is lost ends."""
    await w.st.cmd("meter", power_w=POWER_W)
    await w.plug()
    await w.told("CablePluggedIn", chargingState="EVConnected")
    await w.st.cmd("parking", occupied=True)
    await w.tap()
    await w.settle()
    await w.advance(599)
    tx = w.csms.ledger.only
    await w.tap()
    await w.settle()
    assert tx.open, tx.summary
    await w.st.cmd("parking", occupied=False)
    await w.ended(tx)
    assert tx.triggers[-1] == "EVDeparted"
    w.check_energy(tx, 10)
    await w.unplug()
    assert len(w.csms.ledger.transactions) == 1


@scenario201(settings={"TxCtrlr.TxStartPoint": "ParkingBayOccupancy", "TxCtrlr.TxStopPoint": "ParkingBayOccupancy"})
async def test_the_bay_is_still_occupied_after_a_power_cut(w):
    await w.st.cmd("parking", occupied=True)
    await w.told("EVDetected", chargingState="Idle")
    await w.power_cut()
    await w.boot()
    await w.settle()
    first = w.csms.ledger.transactions[0]
    assert first.reason == "PowerLoss"
    await w.st.cmd("parking", occupied=False)
    await w.settle()
    assert all(not tx.open for tx in w.csms.ledger.transactions)
