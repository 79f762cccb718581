"""Outages: before, during and after sessions. Nothing is lost, nothing is told twice."""

from datetime import timedelta
from itertools import pairwise

import pytest

from harness.check import parse_time, samples_in
from harness.csms import ALICE, BOB, MALLORY, Tag
from harness.ledger import watt_hours
from harness.world import SLACK_WH, WH_PER_MINUTE, scenario


def near(time, other, seconds=10):
    return abs(time - other) <= timedelta(seconds=seconds)


async def meet(w, *tokens):
    """Let the station get to know tokens while it can ask."""
    for token in tokens:
        await w.session(token, minutes=1)


def sample_times(tx):
    return [parse_time(v["timestamp"]) for call in tx.meter_values for v in call["meterValue"]]


@scenario(settings={"MeterValueSampleInterval": "60"})
async def test_outage_within_a_session(w):
    """Ten minutes on, ten off, ten on: one session, with every sample in its place."""
    tx = await w.charge()
    await w.advance(600)
    await w.go_offline()
    await w.advance(600)
    assert (await w.evse())["contactor"], "an outage does not stop charging"
    await w.go_online()
    await w.advance(600)
    await w.finish(tx)
    w.check_energy(tx, 30)
    assert len(tx.ids) == 1
    assert len(w.csms.told("BootNotification")) == 1
    times = sample_times(tx)
    assert 28 <= len(times) <= 30, f"{len(times)} samples in 30 minutes"
    assert all(near(b - a, timedelta(seconds=60), 2) for a, b in pairwise(times)), times
    register = [watt_hours(s) - tx.meter_start for call in tx.meter_values for s in samples_in(call)]
    assert all(abs(b - a - WH_PER_MINUTE) <= 5 for a, b in pairwise(register)), register


@scenario()
async def test_session_ends_in_an_outage(w):
    tx = await w.charge()
    await w.advance(600)
    await w.go_offline()
    await w.advance(300)
    await w.tap()
    await w.st.event("contactor", evse=1, closed=False)
    ended = w.csms.now
    await w.advance(3600)
    assert tx.open
    await w.go_online()
    await w.csms.next("StopTransaction", transactionId=tx.id)
    assert near(tx.stopped, ended)
    w.check_energy(tx, 15)
    await w.unplug()


@scenario(settings={"MeterValueSampleInterval": "300"})
async def test_outage_over_a_session(w):
    """A known tag charges offline; the session is told afterwards, with its true times."""
    await meet(w, ALICE)
    await w.go_offline()
    began = w.csms.now
    await w.offline_session(minutes=20)
    ended = w.csms.now
    await w.advance(7200)
    mark = w.csms.log.mark
    await w.go_online()
    await w.settle()
    tx = w.csms.ledger.transactions[-1]
    assert len(w.csms.ledger.transactions) == 2
    assert near(tx.started, began) and near(tx.stopped, ended)
    w.check_energy(tx, 20)
    assert len(sample_times(tx)) in (3, 4)
    told = [k for k, _ in w.csms.log.entries[mark:] if k in ("StartTransaction", "MeterValues", "StopTransaction")]
    assert told[0] == "StartTransaction" and told[-1] == "StopTransaction"


@scenario()
async def test_session_begins_in_an_outage(w):
    """Begun offline, ended online: the end carries the id that the late start was given."""
    await meet(w, ALICE)
    await w.go_offline()
    began = w.csms.now
    await w.st.cmd("meter", power_w=6000)
    await w.plug()
    await w.tap()
    await w.st.event("contactor", evse=1, closed=True)
    await w.advance(600)
    await w.go_online()
    await w.csms.next("StartTransaction")
    tx = w.csms.ledger.transactions[-1]
    assert near(tx.started, began)
    await w.advance(600)
    await w.tap()
    await w.ended(tx)
    w.check_energy(tx, 20)
    assert w.csms.ledger.orphans == []
    await w.unplug()


@scenario(evse=2)
async def test_two_sessions_in_one_outage(w):
    await meet(w, ALICE, BOB)
    await w.go_offline()
    for evse, token in ((1, ALICE), (2, BOB)):
        await w.st.cmd("meter", evse=evse, power_w=6000)
        await w.plug(evse)
        await w.tap(token, evse)
        await w.st.event("contactor", evse=evse, closed=True)
    await w.advance(600)
    await w.tap(BOB, 2)
    await w.st.event("contactor", evse=2, closed=False)
    await w.advance(600)
    await w.tap(ALICE, 1)
    await w.st.event("contactor", evse=1, closed=False)
    await w.go_online()
    await w.settle()
    first, second = w.csms.ledger.transactions[-2:]
    assert (first.connector, first.tag, second.connector, second.tag) == (1, ALICE, 2, BOB)
    w.check_energy(first, 20)
    w.check_energy(second, 10)


async def refused_offline(w, token):
    await w.go_offline()
    await w.plug()
    await w.tap(token)
    await w.advance(30)
    await w.assert_idle()
    await w.st.cmd("unplug")
    count = len(w.csms.ledger.transactions)
    await w.go_online()
    assert len(w.csms.ledger.transactions) == count


@scenario(settings={"LocalAuthorizeOffline": "false"})
async def test_known_tag_may_be_refused_offline(w):
    await meet(w, ALICE)
    await refused_offline(w, ALICE)


@scenario(settings={"AuthorizationCacheEnabled": "false"})
async def test_no_cache_no_offline_session(w):
    await meet(w, ALICE)
    await refused_offline(w, ALICE)


@scenario(settings={"AllowOfflineTxForUnknownId": "false"})
async def test_unknown_tag_is_refused_offline(w):
    await refused_offline(w, BOB)


@pytest.mark.parametrize("status", ["Blocked", "Invalid", "Expired"])
@scenario(settings={"AllowOfflineTxForUnknownId": "true"})
async def test_bad_tag_is_remembered_offline(w, status):
    """Known to be bad is not unknown."""
    w.csms.tags[MALLORY.casefold()] = Tag(status)
    await w.tap(MALLORY)
    await w.csms.next("Authorize", idTag=MALLORY)
    await w.settle()
    await refused_offline(w, MALLORY)


@scenario()
async def test_cached_tag_expires(w):
    w.csms.tags[ALICE.casefold()] = Tag(expiry=w.csms.now + timedelta(hours=1))
    await meet(w, ALICE)
    await w.advance(2 * 3600)
    await refused_offline(w, ALICE)


@scenario(settings={"AllowOfflineTxForUnknownId": "true"})
async def test_unknown_tag_offline_session(w):
    """The operator allows strangers in an outage, and learns afterwards who it was."""
    await w.go_offline()
    await w.offline_session(MALLORY)
    await w.go_online()
    await w.settle()
    tx = w.csms.ledger.only
    assert tx.tag == MALLORY
    w.check_energy(tx, 10)


@scenario(settings={"AllowOfflineTxForUnknownId": "true", "StopTransactionOnInvalidId": "true"})
async def test_unknown_tag_is_stopped_once_known(w):
    await w.go_offline()
    await w.st.cmd("meter", power_w=6000)
    await w.plug()
    await w.tap(MALLORY)
    await w.st.event("contactor", evse=1, closed=True)
    await w.advance(600)
    await w.go_online()
    await w.csms.next("StartTransaction", idTag=MALLORY)
    tx = w.csms.ledger.only
    await w.ended(tx)
    assert tx.reason == "DeAuthorized"
    w.check_energy(tx, 10)
    await w.tap(MALLORY)
    await w.unplug()


@pytest.mark.parametrize("pre", ["true", "false"])
@scenario()
async def test_local_pre_authorize(w, pre):
    """Online, a known tag is asked about again unless it need not be."""
    await meet(w, ALICE)
    changed = await w.csms.call("ChangeConfiguration", key="LocalPreAuthorize", value=pre)
    assert changed["status"] == "Accepted"
    mark = w.csms.log.mark
    await w.session(ALICE)
    asked = w.csms.told("Authorize", since=mark)
    assert len(asked) == (0 if pre == "true" else 1)


@scenario(settings={"LocalPreAuthorize": "true"})
async def test_bad_tag_is_asked_about_again(w):
    """Remembered as bad, but the central system may have changed its mind."""
    w.csms.tags[BOB.casefold()] = Tag("Blocked")
    await w.plug()
    await w.tap(BOB)
    await w.csms.next("Authorize", idTag=BOB)
    await w.settle()
    w.csms.tags[BOB.casefold()] = Tag()
    await w.tap(BOB)
    await w.csms.next("Authorize", idTag=BOB)
    tx = await w.charging()
    await w.finish(tx)


@scenario(settings={"MeterValueSampleInterval": "60"})
async def test_hanging_up_within_a_session(w):
    """The central system cuts the line again and again, at any point of the conversation."""
    tx = await w.charge()
    for _ in range(4):
        await w.advance(90)
        await w.csms.cut()
        await w.st.event("offline")
        await w.until(lambda: w.csms.connected, step=5)
    await w.settle()
    await w.tap()
    await w.ended(tx)
    elapsed = (tx.stopped - tx.started).total_seconds()
    assert abs(tx.energy - elapsed * WH_PER_MINUTE / 60) <= SLACK_WH
    await w.unplug()
