"""Sessions in 2.0.1: from plug to plug, in the order of events that certification expects (Part 6, reusable states)."""

from datetime import timedelta

import pytest

from harness.csms import ALICE, BOB, MALLORY, Tag
from harness.world import SLACK_WH
from harness.world201 import ENERGY, scenario201


def outline(tx):
    """The events of a transaction without those that only measure."""
    return [line.partition(" ")[2] for line in tx.summary if "MeterValue" not in line]


@scenario201()
async def test_plug_first(w):
    tx = await w.charge()
    await w.advance(1800)
    await w.finish(tx)
    w.check_energy(tx, 30)
    assert outline(tx) == [
        "Started Authorized EVConnected",
        "Updated ChargingStateChanged SuspendedEV",
        "Updated ChargingStateChanged Charging",
        "Ended StopAuthorized EVConnected",
    ]
    assert (tx.tokens, tx.reason, tx.offline) == ([ALICE, ALICE], "Local", [False] * 4)
    assert tx.start["evse"] == {"id": 1, "connectorId": 1}
    assert abs(tx.stopped - tx.started - timedelta(minutes=30)) < timedelta(seconds=10)
    told = [c["connectorStatus"] for c in w.csms.told("StatusNotification")]
    assert told == ["Available", "Occupied", "Available"]


@scenario201()
async def test_tag_first(w):
    await w.st.cmd("meter", power_w=6000)
    await w.tap()
    await w.csms.next("Authorize")
    await w.settle()
    assert w.csms.told("TransactionEvent") == []
    await w.advance(20)
    await w.plug()
    tx = await w.charging()
    assert outline(tx)[0] == "Started CablePluggedIn EVConnected"
    assert tx.tokens == [ALICE]
    await w.advance(600)
    await w.finish(tx)
    w.check_energy(tx, 10)


@scenario201(evse=2)
async def test_two_at_once(w):
    first = await w.charge(ALICE, evse=1)
    await w.advance(300)
    second = await w.charge(BOB, evse=2)
    await w.advance(300)
    await w.finish(first)
    await w.advance(300)
    await w.finish(second)
    w.check_energy(first, 10)
    w.check_energy(second, 10)
    assert (first.evse, first.tag, second.evse, second.tag) == (1, ALICE, 2, BOB)


@scenario201(evse=2, connectors=2)
async def test_connectors_of_an_evse(w):
    """They are numbered within their EVSE, and while one is in use the other is not reported."""
    await w.st.cmd("plug", evse=2, connector=2)
    await w.connector(2, "Occupied", connector=2)
    await w.tap(evse=2)
    tx = await w.charging(evse=2)
    assert tx.start["evse"] == {"id": 2, "connectorId": 2}
    await w.advance(60)
    await w.tap(evse=2)
    await w.ended(tx)
    await w.st.cmd("unplug", evse=2, connector=2)
    await w.settle()
    await w.connector(2, "Available", connector=2)
    assert len(w.csms.told("StatusNotification")) == 4 + 2


@scenario201(settings={"SampledDataCtrlr.TxUpdatedInterval": "60"})
async def test_meter_values_travel_in_events(w):
    tx = await w.session(minutes=10)
    periodic = [e for e in tx.events if e["triggerReason"] == "MeterValuePeriodic"]
    assert len(periodic) == 10
    contexts = {s["context"] for e in periodic for v in e["meterValue"] for s in v["sampledValue"]}
    assert contexts == {"Sample.Periodic"}
    assert w.csms.told("MeterValues") == []


@scenario201(
    evse=2,
    settings={
        "AlignedDataCtrlr.Interval": "300",
        "AlignedDataCtrlr.Measurands": ENERGY,
        "AlignedDataCtrlr.TxEndedInterval": "300",
        "AlignedDataCtrlr.TxEndedMeasurands": ENERGY,
    },
)
async def test_clock_aligned_values(w):
    """Of the EVSE that charges and of the one that does not; the end has them again."""
    await w.advance(30)
    tx = await w.charge(evse=1)
    await w.advance(900)
    await w.finish(tx)
    idle = [c for c in w.csms.told("MeterValues") if c["evseId"] == 2]
    assert len(idle) == 3
    own = [c for c in w.csms.told("MeterValues") if c["evseId"] == 1]
    own += [e for e in tx.events if e["triggerReason"] == "MeterValueClock"]
    assert len(own) == 3
    contexts = [s["context"] for v in tx.end["meterValue"] for s in v["sampledValue"]]
    assert contexts.count("Sample.Clock") == 3


@scenario201()
async def test_car_pauses(w):
    tx = await w.charge()
    await w.advance(300)
    await w.st.cmd("ev", evse=1, state="B")
    await w.told("ChargingStateChanged", tx, chargingState="SuspendedEV")
    await w.advance(600)
    await w.st.cmd("ev", evse=1, state="C")
    await w.told("ChargingStateChanged", tx, chargingState="Charging")
    await w.advance(300)
    await w.finish(tx)
    w.check_energy(tx, 10)
    assert len(w.csms.told("StatusNotification")) == 3, "a pause is none of the connector's business"


@scenario201(settings={"TxCtrlr.EVConnectionTimeOut": "90", "TxCtrlr.TxStartPoint": "Authorized"})
async def test_no_cable_in_time(w):
    await w.tap()
    await w.told("Authorized", chargingState="Idle")
    await w.advance(85)
    tx = w.csms.ledger.only
    assert tx.open
    await w.advance(10)
    await w.ended(tx)
    assert (tx.triggers[-1], tx.reason) == ("EVConnectTimeout", "Timeout")
    await w.session()


@pytest.mark.parametrize("status", ["Invalid", "Blocked", "Expired", "Unknown", "NoCredit", "NotAtThisTime"])
@scenario201()
async def test_refused_tag(w, status):
    w.csms.tags[MALLORY.casefold()] = Tag(status)
    await w.plug()
    await w.tap(MALLORY)
    await w.csms.next("Authorize")
    await w.advance(30)
    await w.assert_idle()
    assert w.csms.told("TransactionEvent") == []
    await w.tap(ALICE)
    tx = await w.charging()
    await w.finish(tx)


@scenario201()
async def test_other_tag_does_not_stop(w):
    tx = await w.charge(ALICE)
    mark = w.csms.log.mark
    await w.tap(BOB)
    await w.settle()
    assert len(w.csms.told("Authorize", since=mark)) == 1
    assert tx.open
    await w.finish(tx)
    assert len(w.csms.told("Authorize", since=mark)) == 1, "the owner need not be asked about"


@scenario201()
async def test_group_stops(w):
    for token in (ALICE, BOB):
        w.csms.tags[token.casefold()] = Tag(parent="FLEET")
    tx = await w.charge(ALICE)
    await w.tap(BOB)
    await w.ended(tx)
    assert (tx.tokens, tx.reason) == ([ALICE, BOB], "Local")
    await w.unplug()


@scenario201(settings={"AuthCtrlr.MasterPassGroupId": "MASTER"}, evse=2)
async def test_master_pass(w):
    w.csms.tags[BOB.casefold()] = Tag(parent="MASTER")
    await w.plug()
    await w.tap(BOB)
    await w.settle()
    assert w.csms.ledger.transactions == [], "a master pass starts nothing"
    await w.unplug()
    tx = await w.charge(ALICE)
    await w.tap(BOB)
    await w.ended(tx)
    assert tx.reason == "MasterPass"
    await w.unplug()


@scenario201()
async def test_start_button(w):
    """No authorization is asked for; the token is told empty."""
    w.csms.tags[""] = Tag()
    await w.plug()
    await w.st.cmd("id", token="", type="NoAuthorization", evse=1)
    tx = await w.charging()
    assert tx.start["idToken"] == {"idToken": "", "type": "NoAuthorization"}
    assert w.csms.told("Authorize") == []
    await w.st.cmd("id", token="", type="NoAuthorization", evse=1)
    await w.ended(tx)
    await w.unplug()


@scenario201()
async def test_key_code(w):
    w.csms.tags["4711"] = Tag()
    await w.plug()
    await w.st.cmd("id", token="4711", type="KeyCode", evse=1)
    tx = await w.charging()
    assert tx.start["idToken"] == {"idToken": "4711", "type": "KeyCode"}
    # The same text of another type is another token.
    await w.tap("4711")
    await w.settle()
    assert len(w.csms.told("Authorize")) == 2
    await w.st.cmd("id", token="4711", type="KeyCode", evse=1)
    await w.ended(tx)
    await w.unplug()


@scenario201(settings={"TxCtrlr.StopTxOnInvalidId": "true"})
async def test_start_refused_stops(w):
    w.csms.start_status[ALICE.casefold()] = "Blocked"
    await w.plug()
    await w.tap()
    await w.told("Deauthorized")
    await w.settle()
    tx = w.csms.ledger.only
    assert (tx.triggers[-1], tx.reason) == ("Deauthorized", "DeAuthorized")
    assert tx.energy <= SLACK_WH
    await w.assert_idle()
    await w.tap()
    await w.unplug()


@scenario201(settings={"TxCtrlr.StopTxOnInvalidId": "false"})
async def test_start_refused_suspends(w):
    w.csms.start_status[ALICE.casefold()] = "Blocked"
    await w.plug()
    await w.tap()
    await w.told(None, chargingState="SuspendedEVSE")
    await w.advance(600)
    tx = w.csms.ledger.only
    assert tx.open and not (await w.evse())["contactor"]
    await w.finish(tx)
    assert tx.energy <= SLACK_WH


@scenario201()
async def test_ev_side_disconnect_stops(w):
    tx = await w.charge()
    await w.advance(300)
    await w.st.cmd("unplug", side="ev")
    await w.ended(tx)
    assert (tx.triggers[-1], tx.reason) == ("EVCommunicationLost", "EVDisconnected")
    w.check_energy(tx, 5)
    await w.unplug()


@scenario201(settings={"TxCtrlr.StopTxOnEVSideDisconnect": "false", "TxCtrlr.TxStopPoint": "Authorized"})
async def test_ev_side_disconnect_pauses(w):
    tx = await w.charge()
    await w.advance(300)
    await w.st.cmd("unplug", side="ev")
    await w.told("EVCommunicationLost", tx)
    await w.advance(300)
    assert tx.open and not (await w.evse())["contactor"]
    await w.plug()
    await w.told(None, tx, chargingState="Charging")
    await w.advance(300)
    await w.finish(tx)
    w.check_energy(tx, 10)


@scenario201()
async def test_fault_ends_nothing_silently(w):
    """A fault is the connector's, and the transaction says that something is wrong."""
    tx = await w.charge()
    await w.advance(300)
    await w.st.cmd("fault", code="GroundFailure", evse=1, connector=1)
    await w.connector(1, "Faulted")
    await w.settle()
    assert not (await w.evse())["contactor"]
    await w.st.cmd("fault", code="GroundFailure", evse=1, connector=1, on=False)
    await w.settle()
    if tx.open:
        await w.tap()
        await w.ended(tx)
    w.check_energy(tx, 5)
    await w.unplug()


@scenario201()
async def test_ids_never_repeat(w):
    """The seed is fixed, the boots are not: ids of messages and transactions differ all the same."""
    await w.session()
    await w.power_cut()
    await w.boot()
    await w.session()
    calls = [call.id for _, call in w.csms.log.entries]
    assert len(calls) == len(set(calls))
    assert len({tx.id for tx in w.csms.ledger.transactions}) == 2
