"""Outages, power cuts and lost replies in 2.0.1: no event is lost, none is told as another one."""

from datetime import timedelta

import pytest

from harness.csms import ALICE, BOB, MALLORY
from harness.world import POWER_W, SLACK_WH, WH_PER_MINUTE
from harness.world201 import scenario201

SAMPLED = {"SampledDataCtrlr.TxUpdatedInterval": "60"}


async def offline_start(w, token=ALICE):
    await w.st.cmd("meter", power_w=POWER_W)
    await w.plug()
    await w.tap(token)
    await w.st.event("contactor", evse=1, closed=True)


@scenario201(settings=SAMPLED)
async def test_outage_within_a_session(w):
    tx = await w.charge()
    await w.advance(600)
    before = len(tx.events)
    await w.go_offline()
    await w.advance(600)
    assert (await w.evse())["contactor"], "an outage does not stop charging"
    await w.go_online()
    during = len(tx.events)
    await w.advance(600)
    await w.finish(tx)
    w.check_energy(tx, 30)
    assert not any(tx.offline[:before]) and all(tx.offline[before + 1 : during - 1]) and not any(tx.offline[during:])
    assert sum(tx.offline) >= 9
    assert tx.triggers.count("MeterValuePeriodic") in (29, 30)
    assert len(w.csms.told("BootNotification")) == 1


@scenario201(settings=SAMPLED)
async def test_outage_over_a_session(w):
    await w.session(minutes=1)
    await w.go_offline()
    began = w.csms.now
    await w.offline_session(minutes=20)
    ended = w.csms.now
    await w.advance(7200)
    await w.go_online()
    await w.settle()
    assert len(w.csms.ledger.transactions) == 2
    tx = w.csms.ledger.transactions[1]
    assert all(tx.offline)
    for told, real in ((tx.started, began), (tx.stopped, ended)):
        assert abs(told - real) < timedelta(seconds=10)
    w.check_energy(tx, 20)


@scenario201()
async def test_session_ends_in_an_outage(w):
    tx = await w.charge()
    await w.advance(600)
    await w.go_offline()
    await w.advance(300)
    await w.tap()
    await w.st.event("contactor", evse=1, closed=False)
    await w.advance(3600)
    assert tx.open
    await w.go_online()
    await w.ended(tx)
    assert tx.offline[0] is False and tx.offline[-1] is True
    w.check_energy(tx, 15)
    await w.unplug()


@scenario201()
async def test_session_begins_in_an_outage(w):
    await w.session(minutes=1)
    await w.go_offline()
    await offline_start(w)
    await w.advance(600)
    await w.go_online()
    tx = w.csms.ledger.transactions[1]
    assert tx.offline[0]
    asked = await w.csms.call("GetTransactionStatus", transactionId=tx.id)
    assert asked["ongoingIndicator"] is True
    await w.advance(600)
    await w.tap()
    await w.ended(tx)
    w.check_energy(tx, 20)
    assert not tx.offline[-1]
    await w.unplug()


@scenario201(settings={"AuthCtrlr.OfflineTxForUnknownIdEnabled": "true", "TxCtrlr.StopTxOnInvalidId": "true"})
async def test_unknown_tag_is_stopped_once_known(w):
    await w.go_offline()
    await offline_start(w, MALLORY)
    await w.advance(600)
    await w.go_online()
    tx = w.csms.ledger.only
    await w.ended(tx)
    assert (tx.reason, tx.triggers[-1]) == ("DeAuthorized", "Deauthorized")
    w.check_energy(tx, 10)
    await w.tap(MALLORY)
    await w.unplug()


@pytest.mark.parametrize(
    "name,value", [("AuthCtrlr.LocalAuthorizeOffline", "false"), ("AuthCacheCtrlr.Enabled", "false")]
)
@scenario201()
async def test_nobody_is_let_in_offline(w, name, value):
    await w.st.cmd("local_config", variable=name, value=value)
    await w.session(minutes=1)
    await w.go_offline()
    await w.plug()
    await w.tap()
    await w.advance(30)
    await w.assert_idle()
    await w.st.cmd("unplug")
    await w.go_online()
    assert len(w.csms.ledger.transactions) == 1


@scenario201(settings={"OCPPCommCtrlr.OfflineThreshold": "600"}, evse=2)
async def test_statuses_after_an_outage(w):
    """A short one: what has changed. A long one: everything (B04)."""
    await w.go_offline()
    await w.plug(2)
    await w.advance(60)
    mark = w.csms.log.mark
    await w.go_online()
    assert [c["evseId"] for c in w.csms.told("StatusNotification", since=mark)] == [2]
    await w.go_offline()
    await w.advance(900)
    mark = w.csms.log.mark
    await w.go_online()
    assert sorted(c["evseId"] for c in w.csms.told("StatusNotification", since=mark)) == [1, 2]
    await w.st.cmd("unplug", evse=2)


@scenario201(settings=SAMPLED)
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


@pytest.mark.parametrize("event", ["Started", "Updated", "Ended"])
@scenario201()
async def test_lost_reply(w, event):
    """An event whose answer was lost is told again as the same one."""
    await w.st.cmd("meter", power_w=POWER_W)
    await w.plug()
    if event != "Ended":
        w.csms.drop["TransactionEvent"] = 1 if event == "Started" else 0
        await w.tap()
        if event == "Updated":
            await w.csms.next("TransactionEvent", eventType="Started")
            w.csms.drop["TransactionEvent"] = 1
        await w.advance(300)
    else:
        await w.tap()
        await w.settle()
        await w.advance(299)
        w.csms.drop["TransactionEvent"] = 1
    await w.tap()
    await w.advance(120)
    tx = w.csms.ledger.only
    assert not tx.open and sorted(tx.told)[-1] == 2, tx.told
    w.check_energy(tx, 5)
    await w.unplug()


@scenario201(settings=SAMPLED)
async def test_power_cut_while_charging(w):
    tx = await w.charge()
    await w.advance(605)
    await w.power_cut()
    cut = w.csms.now
    w.csms.now += timedelta(hours=1)
    await w.boot()
    await w.ended(tx)
    assert tx.reason == "PowerLoss"
    assert abs(tx.energy - 10 * WH_PER_MINUTE) <= 30, f"{tx.energy} Wh told of 10 minutes"
    assert tx.stopped <= cut, "the end is the last that was known, not the restart"
    await w.st.cmd("unplug")
    await w.settle()
    await w.session(BOB)


@scenario201(settings=SAMPLED)
async def test_queue_survives_a_power_cut(w):
    await w.session(minutes=1)
    await w.go_offline()
    for _ in range(3):
        await w.offline_session(minutes=10)
        await w.advance(600)
    await w.power_cut()
    w.csms.now += timedelta(hours=5)
    await w.boot()
    await w.settle()
    told = w.csms.ledger.transactions[1:]
    assert len(told) == 3
    for tx in told:
        w.check_energy(tx, 10)
        assert all(tx.offline)


@scenario201(settings=SAMPLED)
async def test_power_cut_in_an_outage(w):
    await w.session(minutes=1)
    await w.go_offline()
    await offline_start(w)
    await w.advance(600)
    await w.power_cut()
    await w.boot()
    await w.settle()
    tx = w.csms.ledger.transactions[1]
    assert tx.reason == "PowerLoss" and all(tx.offline)
    assert abs(tx.energy - 10 * WH_PER_MINUTE) <= WH_PER_MINUTE + 30
    await w.st.cmd("unplug")
    await w.settle()
