"""Sessions from plug to unplug, and the ways in which they end or never begin."""

from datetime import timedelta

import pytest

from harness.check import parse_time
from harness.csms import ALICE, BOB, MALLORY, Tag
from harness.world import SLACK_WH, WH_PER_MINUTE, scenario

SUSPENDED = {"SuspendedEV", "SuspendedEVSE"}


def main_statuses(w, connector=1):
    """The statuses without the short suspensions that may surround charging."""
    return [s for s in w.csms.statuses(connector) if s not in SUSPENDED]


def order(w, *steps):
    """Assert that these actions first came in this order."""
    told = [kind for kind, _ in w.csms.log.entries]
    places = [told.index(step) for step in steps]
    assert places == sorted(places), told


@scenario()
async def test_plug_first(w):
    await w.st.cmd("meter", energy_wh=120_000)
    before = w.csms.now
    tx = await w.session(minutes=30)
    assert (tx.connector, tx.tag, tx.reason) == (1, ALICE, "Local")
    assert tx.meter_start == 120_000
    assert timedelta(0) <= tx.started - before < timedelta(seconds=10)
    assert abs(tx.stopped - tx.started - timedelta(minutes=30)) < timedelta(seconds=10)
    assert tx.stop["idTag"] == ALICE
    assert main_statuses(w) == ["Available", "Preparing", "Charging", "Finishing", "Available"]
    order(w, "BootNotification", "StatusNotification", "Authorize", "StartTransaction", "StopTransaction")


@scenario()
async def test_tag_first(w):
    await w.st.cmd("meter", power_w=6000)
    await w.tap()
    await w.csms.next("Authorize", idTag=ALICE)
    await w.csms.next("StatusNotification", connectorId=1, status="Preparing")
    assert w.csms.told("StartTransaction") == []
    await w.advance(20)
    await w.plug()
    tx = await w.charging()
    assert abs(tx.started - w.csms.now) < timedelta(seconds=5), "a session starts with the cable, not with the tag"
    await w.advance(600)
    await w.finish(tx)
    w.check_energy(tx, 10)
    assert main_statuses(w) == ["Available", "Preparing", "Charging", "Finishing", "Available"]


@scenario(evse=2)
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
    assert (first.connector, first.tag, second.connector, second.tag) == (1, ALICE, 2, BOB)


@scenario(evse=2, connectors=2)
async def test_connectors_are_numbered_through(w):
    """Two EVSEs of two connectors are connectors 1 to 4."""
    asked = await w.csms.call("GetConfiguration", key=["NumberOfConnectors"])
    assert asked["configurationKey"][0]["value"] == "4"
    await w.st.cmd("plug", evse=2, connector=2)
    await w.csms.next("StatusNotification", connectorId=4, status="Preparing")
    await w.tap(evse=2)
    start = await w.csms.next("StartTransaction", connectorId=4)
    await w.advance(60)
    await w.tap(evse=2)
    await w.csms.next("StopTransaction", transactionId=w.csms.ledger.of(start).id)
    await w.settle()
    await w.st.cmd("unplug", evse=2, connector=2)
    await w.csms.next("StatusNotification", connectorId=4, status="Available")


@scenario()
async def test_car_pauses(w):
    tx = await w.charge()
    await w.advance(300)
    await w.st.cmd("ev", evse=1, state="B")
    await w.csms.next("StatusNotification", connectorId=1, status="SuspendedEV")
    await w.advance(600)
    await w.st.cmd("ev", evse=1, state="C")
    await w.csms.next("StatusNotification", connectorId=1, status="Charging")
    await w.advance(300)
    await w.finish(tx)
    w.check_energy(tx, 10)


@scenario()
async def test_car_never_asks(w):
    """A session without energy is a session."""
    await w.st.cmd("plug", ready=False)
    await w.tap()
    await w.csms.next("StartTransaction")
    await w.csms.next("StatusNotification", connectorId=1, status="SuspendedEV")
    await w.advance(600)
    tx = w.csms.ledger.only
    await w.finish(tx)
    assert tx.energy == 0


@scenario(settings={"ConnectionTimeOut": "90"})
async def test_tag_without_cable_times_out(w):
    await w.tap()
    await w.csms.next("StatusNotification", connectorId=1, status="Preparing")
    await w.advance(85)
    await w.csms.sync()
    assert w.csms.statuses(1)[-1] == "Preparing"
    await w.advance(10)
    await w.csms.next("StatusNotification", connectorId=1, status="Available")
    await w.plug()
    await w.settle()
    assert w.csms.told("StartTransaction") == []
    await w.unplug()


@scenario(settings={"ConnectionTimeOut": "90"})
async def test_cable_without_tag_times_out(w):
    """The cable stays in, and nobody else's tag may start a session on it."""
    await w.plug()
    await w.csms.next("StatusNotification", connectorId=1, status="Preparing")
    await w.advance(95)
    await w.csms.next("StatusNotification", connectorId=1, status="Finishing")
    await w.unplug()
    await w.session()


@scenario()
async def test_second_tap_gives_up(w):
    """Tapping again before plugging in calls the session off."""
    await w.tap()
    await w.csms.next("StatusNotification", connectorId=1, status="Preparing")
    await w.tap()
    await w.csms.next("StatusNotification", connectorId=1, status="Available")
    await w.plug()
    await w.settle()
    assert w.csms.told("StartTransaction") == []
    await w.unplug()


@pytest.mark.parametrize("status", ["Invalid", "Blocked", "Expired"])
@scenario()
async def test_refused_tag(w, status):
    w.csms.tags[MALLORY.casefold()] = Tag(status)
    await w.plug()
    await w.tap(MALLORY)
    await w.csms.next("Authorize", idTag=MALLORY)
    await w.st.event("auth", token=MALLORY, status=lambda s: s != "Accepted")
    await w.advance(30)
    await w.assert_idle()
    assert w.csms.told("StartTransaction") == []
    await w.tap(ALICE)
    tx = await w.charging()
    await w.finish(tx)


@scenario()
async def test_other_tag_does_not_stop(w):
    """A stranger is asked about, and the session goes on."""
    tx = await w.charge(ALICE)
    mark = w.csms.log.mark
    await w.tap(BOB)
    await w.settle()
    assert w.csms.told("Authorize", since=mark, idTag=BOB)
    assert tx.open
    await w.tap(ALICE)
    await w.ended(tx)
    assert w.csms.told("Authorize", since=mark, idTag=ALICE) == [], "the owner need not be asked about"
    await w.unplug()


@scenario()
async def test_parent_group_stops(w):
    for token in (ALICE, BOB):
        w.csms.tags[token.casefold()] = Tag(parent="FLEET")
    tx = await w.charge(ALICE)
    await w.tap(BOB)
    await w.ended(tx)
    assert tx.stop["idTag"] == BOB and tx.reason == "Local"
    await w.unplug()


@pytest.mark.parametrize("status", ["Blocked", "Invalid", "Expired", "ConcurrentTx"])
@scenario(settings={"StopTransactionOnInvalidId": "true"})
async def test_start_refused_stops(w, status):
    w.csms.start_status[ALICE.casefold()] = status
    await w.plug()
    await w.tap()
    await w.csms.next("StartTransaction")
    tx = w.csms.ledger.only
    await w.ended(tx)
    assert tx.reason == "DeAuthorized"
    assert tx.energy <= SLACK_WH
    await w.assert_idle()
    # The cable stays locked until its owner comes back.
    await w.tap()
    await w.unplug()


@scenario(settings={"StopTransactionOnInvalidId": "false"})
async def test_start_refused_suspends(w):
    w.csms.start_status[ALICE.casefold()] = "Blocked"
    await w.st.cmd("meter", power_w=6000)
    await w.plug()
    await w.tap()
    await w.csms.next("StartTransaction")
    await w.csms.next("StatusNotification", connectorId=1, status="SuspendedEVSE")
    await w.advance(600)
    tx = w.csms.ledger.only
    assert tx.open
    await w.finish(tx)
    assert tx.energy <= SLACK_WH


@scenario(settings={"StopTransactionOnInvalidId": "true", "MaxEnergyOnInvalidId": "500"})
async def test_start_refused_after_some_energy(w):
    w.csms.start_status[ALICE.casefold()] = "Blocked"
    await w.st.cmd("meter", power_w=6000)
    await w.plug()
    await w.tap()
    await w.csms.next("StartTransaction")
    tx = w.csms.ledger.only
    await w.advance(240, step=20)
    assert tx.open
    await w.advance(300, step=20)
    await w.ended(tx)
    assert tx.reason == "DeAuthorized"
    assert abs(tx.energy - 500) <= WH_PER_MINUTE
    await w.tap()
    await w.unplug()


@scenario(settings={"StopTransactionOnEVSideDisconnect": "true", "UnlockConnectorOnEVSideDisconnect": "true"})
async def test_ev_side_disconnect_stops(w):
    tx = await w.charge()
    await w.advance(300)
    await w.st.cmd("unplug", side="ev")
    await w.ended(tx)
    assert tx.reason == "EVDisconnected"
    w.check_energy(tx, 5)
    finishing = w.csms.told("StatusNotification", connectorId=1, status="Finishing")[-1]
    assert (finishing["errorCode"], finishing.get("info")) == ("NoError", "EV side disconnected")
    await w.unplug()


@scenario(settings={"StopTransactionOnEVSideDisconnect": "false"})
async def test_ev_side_disconnect_pauses(w):
    tx = await w.charge()
    await w.advance(300)
    await w.st.cmd("unplug", side="ev")
    paused = await w.csms.next("StatusNotification", connectorId=1, status="SuspendedEV")
    assert (paused["errorCode"], paused.get("info")) == ("NoError", "EV side disconnected")
    await w.advance(300)
    assert tx.open and not (await w.evse())["contactor"]
    await w.plug()
    await w.csms.next("StatusNotification", connectorId=1, status="Charging")
    await w.advance(300)
    await w.finish(tx)
    w.check_energy(tx, 10)


@scenario()
async def test_cable_is_locked_while_charging(w):
    tx = await w.charge()
    await w.st.event("lock", evse=1, locked=True)
    with pytest.raises(Exception, match="locked"):
        await w.st.cmd("unplug")
    await w.tap()
    await w.ended(tx)
    await w.st.event("lock", evse=1, locked=False)
    await w.unplug()


@scenario()
async def test_stop_answer_can_block(w):
    """What StopTransaction.conf says about the tag counts for the next session."""
    tx = await w.charge()
    w.csms.tags[ALICE.casefold()] = Tag("Blocked")
    await w.finish(tx)
    await w.plug()
    await w.tap()
    await w.settle()
    await w.assert_idle()
    await w.unplug()


@scenario()
async def test_times_are_told_as_they_were(w):
    tx = await w.session(minutes=7)
    for status in w.csms.told("StatusNotification", connectorId=1):
        if "timestamp" in status:
            assert tx.started - timedelta(minutes=1) < parse_time(status["timestamp"]) <= w.csms.now
