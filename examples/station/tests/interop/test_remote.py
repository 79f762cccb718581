"""Sessions that the central system starts and stops."""

import pytest

from harness.central import CallError
from harness.csms import ALICE, BOB, MALLORY
from harness.world import scenario


async def remote_start(w, token=ALICE, **more):
    """The status that RemoteStartTransaction is answered with; a refusal of the value counts as one."""
    try:
        return (await w.csms.call("RemoteStartTransaction", idTag=token, **more))["status"]
    except CallError as e:
        assert e.code == "PropertyConstraintViolation"
        return "Rejected"


async def remote_stop(w, id):
    return (await w.csms.call("RemoteStopTransaction", transactionId=id))["status"]


@pytest.mark.parametrize("authorize", ["true", "false"])
@scenario()
async def test_start_and_stop(w, authorize):
    """AuthorizeRemoteTxRequests decides whether the tag is asked about first."""
    changed = await w.csms.call("ChangeConfiguration", key="AuthorizeRemoteTxRequests", value=authorize)
    assert changed["status"] == "Accepted"
    await w.st.cmd("meter", power_w=6000)
    await w.plug()
    await w.csms.next("StatusNotification", connectorId=1, status="Preparing")
    assert await remote_start(w, connectorId=1) == "Accepted"
    tx = await w.charging()
    assert tx.tag == ALICE
    assert len(w.csms.told("Authorize")) == (1 if authorize == "true" else 0)
    await w.advance(600)
    assert await remote_stop(w, tx.id) == "Accepted"
    await w.ended(tx)
    assert tx.reason == "Remote"
    w.check_energy(tx, 10)
    await w.unplug()


@scenario()
async def test_start_before_the_cable(w):
    assert await remote_start(w, connectorId=1) == "Accepted"
    await w.csms.next("StatusNotification", connectorId=1, status="Preparing")
    await w.advance(30)
    await w.plug()
    tx = await w.charging()
    await w.finish(tx)


@scenario(settings={"ConnectionTimeOut": "45"})
async def test_start_times_out(w):
    assert await remote_start(w, connectorId=1) == "Accepted"
    await w.csms.next("StatusNotification", connectorId=1, status="Preparing")
    await w.advance(50)
    await w.csms.next("StatusNotification", connectorId=1, status="Available")
    await w.plug()
    await w.settle()
    assert w.csms.told("StartTransaction") == []
    await w.unplug()


@scenario()
async def test_start_without_connector(w):
    """The station has one place to charge, so it chooses that."""
    await w.plug()
    assert await remote_start(w) == "Accepted"
    tx = await w.charging()
    assert tx.connector == 1
    await w.finish(tx)


@scenario(evse=2)
async def test_start_on_the_second_connector(w):
    await w.plug(1)
    await w.plug(2)
    assert await remote_start(w, connectorId=2) == "Accepted"
    tx = await w.charging(2)
    await w.assert_idle(1)
    await w.finish(tx)
    await w.unplug(1)


@pytest.mark.parametrize("connector", [0, -1, 99])
@scenario()
async def test_start_on_no_connector(w, connector):
    assert await remote_start(w, connectorId=connector) == "Rejected"
    await w.settle()
    await w.assert_idle()


@scenario()
async def test_start_of_a_bad_tag(w):
    """Accepted means that it will try; the tag is then refused like at the reader."""
    await w.plug()
    assert await remote_start(w, MALLORY, connectorId=1) == "Accepted"
    await w.csms.next("Authorize", idTag=MALLORY)
    await w.settle()
    await w.assert_idle()
    assert w.csms.told("StartTransaction") == []
    await w.unplug()


@scenario()
async def test_start_on_a_busy_connector(w):
    tx = await w.charge()
    assert await remote_start(w, BOB, connectorId=1) == "Rejected"
    await w.finish(tx)


@scenario()
async def test_start_with_a_profile(w):
    """A profile for the session is used or ignored, but it does not keep the session from starting."""
    period = {"startPeriod": 0, "limit": 16.0}
    profile = {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [period]},
    }
    await w.plug()
    assert await remote_start(w, connectorId=1, chargingProfile=profile) == "Accepted"
    tx = await w.charging()
    await w.finish(tx)


@scenario()
async def test_stop_of_an_unknown_transaction(w):
    assert await remote_stop(w, 4711) == "Rejected"
    tx = await w.charge()
    assert await remote_stop(w, tx.id + 1000) == "Rejected"
    assert await remote_stop(w, -1) == "Rejected"
    await w.finish(tx)
    assert await remote_stop(w, tx.id) == "Rejected"


@scenario(evse=2)
async def test_stop_finds_its_session(w):
    first = await w.charge(ALICE, evse=1)
    second = await w.charge(BOB, evse=2)
    assert await remote_stop(w, second.id) == "Accepted"
    await w.ended(second)
    assert first.open
    await w.unplug(2)
    await w.finish(first)


@scenario()
async def test_stop_unlocks(w):
    tx = await w.charge()
    assert await remote_stop(w, tx.id) == "Accepted"
    await w.st.event("lock", evse=1, locked=False)
    await w.ended(tx)
    await w.unplug()


@scenario()
async def test_tap_ends_a_remote_session(w):
    """Who was named in the remote start may end it at the reader."""
    await w.plug()
    assert await remote_start(w, connectorId=1) == "Accepted"
    tx = await w.charging()
    await w.finish(tx)
    assert tx.reason == "Local"
