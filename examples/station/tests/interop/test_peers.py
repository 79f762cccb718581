"""Faults that were found in other charging stations. Each test is named after what went wrong there."""

import asyncio
from datetime import timedelta, timezone

import pytest

from harness.check import parse_time
from harness.csms import ALICE, BOB
from harness.world import WH_PER_MINUTE, scenario


@scenario(settings={"ConnectionTimeOut": "600"})
async def test_lost_status_reply_does_not_stall_sending(w):
    w.csms.drop["StatusNotification"] = 1
    await w.plug()
    await w.csms.next("StatusNotification", connectorId=1, status="Preparing")
    await w.tap()
    await w.advance(300)
    tx = await w.charging()
    await w.finish(tx)


@scenario(settings={"ConnectionTimeOut": "600"})
async def test_lost_status_reply_does_not_stall_the_next_connection(w):
    w.csms.drop["StatusNotification"] = 1
    await w.plug()
    await w.csms.next("StatusNotification", connectorId=1, status="Preparing")
    await w.csms.cut()
    await w.st.event("offline")
    await w.until(lambda: w.csms.connected)
    await w.settle()
    await w.tap()
    tx = await w.charging()
    await w.finish(tx)


@scenario()
async def test_clear_cache_keeps_unsent_transactions(w):
    await w.session(ALICE, minutes=1)
    await w.go_offline()
    await w.offline_session(ALICE, minutes=10)
    w.csms.drop["StartTransaction"] = 1
    await w.st.cmd("net", online=True)
    await w.csms.next("StartTransaction")
    assert (await w.csms.call("ClearCache"))["status"] == "Accepted"
    await w.advance(300)
    await w.settle()
    tx = w.csms.ledger.transactions[-1]
    assert len(w.csms.ledger.transactions) == 2 and len(tx.ids) == 2
    w.check_energy(tx, 10)


@scenario(settings={"TransactionMessageAttempts": "3", "TransactionMessageRetryInterval": "10"})
async def test_call_error_to_stop_does_not_lose_the_session(w):
    """Told again after 10 s, and after 20 more."""
    tx = await w.charge()
    await w.advance(600)
    w.csms.fail["StopTransaction"].extend(["InternalError", "GenericError"])
    await w.tap()
    await w.csms.next("StopTransaction")
    # 10 s after the first failure, and 20 s after the second, give or take 2.
    for seconds, times in ((8, 1), (4, 2), (16, 2), (4, 3)):
        await w.advance(seconds)
        await w.csms.sync()
        assert len(w.csms.told("StopTransaction")) == times
    w.check_energy(tx, 10)
    assert len({str(dict(c)) for c in w.csms.told("StopTransaction")}) == 1, "a message sent again is the same"
    await w.unplug()


@pytest.mark.parametrize("trouble", ["CALLERROR", "lost reply"])
@scenario(settings={"TransactionMessageAttempts": "3", "TransactionMessageRetryInterval": "5"})
async def test_unheard_stop_is_told_again(w, trouble):
    """Third time lucky, and what comes after it is not held up."""
    tx = await w.charge()
    await w.advance(60)
    if trouble == "CALLERROR":
        w.csms.fail["StopTransaction"].extend(["InternalError"] * 2)
    else:
        w.csms.drop["StopTransaction"] = 2
    await w.tap()
    await w.advance(600)
    await w.csms.sync()
    assert len(w.csms.told("StopTransaction")) == 3
    w.check_energy(tx, 1)
    await w.unplug()
    await w.session(BOB)


@scenario(
    settings={
        "TransactionMessageAttempts": "3",
        "TransactionMessageRetryInterval": "5",
        "MeterValueSampleInterval": "60",
    }
)
async def test_failed_starts_do_not_lose_the_session(w):
    """A start that was never acknowledged: the rest goes by the transaction id -1."""
    await w.session(ALICE, minutes=1)
    before = len(w.csms.ledger.transactions)
    w.csms.fail["StartTransaction"].extend(["InternalError"] * 3)
    await w.st.cmd("meter", power_w=6000)
    await w.plug()
    await w.tap()
    await w.advance(600)
    for _ in range(3):
        start = await w.csms.next("StartTransaction")
    assert (await w.evse())["contactor"], "the session goes on"
    await w.tap()
    stop = await w.csms.next("StopTransaction")
    assert stop["transactionId"] == -1 and w.csms.ledger.orphans == [stop]
    assert abs(stop["meterStop"] - start["meterStart"] - 10 * WH_PER_MINUTE) <= 30
    assert {c["transactionId"] for c in w.csms.ledger.orphan_meter_values} <= {-1}
    assert len(w.csms.ledger.transactions) == before
    await w.unplug()
    await w.session(BOB)


@scenario(settings={"TransactionMessageAttempts": "3", "TransactionMessageRetryInterval": "5"})
async def test_start_acknowledged_at_last(w):
    """Two failures and a success: an ordinary session."""
    w.csms.fail["StartTransaction"].extend(["InternalError"] * 2)
    await w.st.cmd("meter", power_w=6000)
    await w.plug()
    await w.tap()
    await w.csms.next("StartTransaction")
    await w.advance(600)
    tx = w.csms.ledger.only
    await w.tap()
    await w.ended(tx)
    w.check_energy(tx, 10)
    assert w.csms.ledger.orphans == []
    await w.unplug()


@pytest.mark.parametrize("minutes", [330, -480, 0])
@scenario(boot=False)
async def test_zone_offsets_are_understood(w, minutes):
    w.csms.time_zone = timezone(timedelta(minutes=minutes))
    await w.boot()
    tx = await w.charge()
    assert abs(tx.started - w.csms.now) < timedelta(seconds=10)
    await w.finish(tx)


@pytest.mark.parametrize("message", ["MakeCoffee", "LogStatusNotification", "Authorize", ""])
@scenario()
async def test_unknown_trigger_is_not_accepted(w, message):
    frame = await w.csms.ask(f'[2,"%id","TriggerMessage",{{"requestedMessage":"{message}"}}]', "TriggerMessage")
    if frame[0] == 3:
        assert frame[2]["status"] == "NotImplemented"
    else:
        assert frame[2] == "PropertyConstraintViolation"


@scenario()
async def test_id_tags_compare_without_case(w):
    """The same card read by another reader: it ends its own session, and nobody has to be asked."""
    tx = await w.charge("Alice-01")
    mark = w.csms.log.mark
    await w.tap("aLICE-01")
    await w.ended(tx)
    assert w.csms.told("Authorize", since=mark) == []
    await w.unplug()
    await w.go_offline()
    await w.offline_session("ALICE-01")
    await w.go_online()
    await w.settle()
    assert len(w.csms.ledger.transactions) == 2


@scenario()
async def test_twenty_offline_sessions(w):
    """A bad week for the network: all are accepted, kept, and delivered in order."""
    await w.session(ALICE, minutes=1)
    await w.go_offline()
    began = []
    for _ in range(20):
        began.append(w.csms.now)
        await w.offline_session(ALICE, minutes=5)
        await w.advance(1800)
    await w.go_online()
    await w.settle()
    told = w.csms.ledger.transactions[1:]
    assert len(told) == 20
    for tx, begin in zip(told, began):
        w.check_energy(tx, 5)
        assert abs(tx.started - begin) < timedelta(seconds=10)


@pytest.mark.parametrize(
    "call", ['"MakeCoffee",{}', '"Reset",{}', '"Reset",{"type":', '"ChangeAvailability",{"connectorId":"one"}']
)
@scenario()
async def test_unknown_and_malformed_calls_get_an_answer(w, call):
    assert (await w.csms.ask(f'[2,"%id",{call}]'))[0] == 4


@scenario(settings={"MeterValueSampleInterval": "60"})
async def test_power_cut_while_online_does_not_leave_a_stale_end(w):
    """What was charged since the start is not forgotten, and the end is not that of an earlier state."""
    tx = await w.charge()
    await w.advance(3600)
    known = max(parse_time(v["timestamp"]) for c in tx.meter_values for v in c["meterValue"])
    await w.power_cut()
    await w.boot()
    await w.csms.next("StopTransaction")
    assert tx.stopped >= known
    assert abs(tx.energy - 60 * WH_PER_MINUTE) <= WH_PER_MINUTE


@scenario()
async def test_inoperative_connectors_do_not_start(w):
    answer = await w.csms.call("ChangeAvailability", connectorId=1, type="Inoperative")
    assert answer["status"] == "Accepted"
    await w.csms.next("StatusNotification", connectorId=1, status="Unavailable")
    await w.plug()
    await w.tap()
    await w.advance(10)
    await w.assert_idle()
    remote = await w.csms.call("RemoteStartTransaction", connectorId=1, idTag=ALICE)
    assert remote["status"] == "Rejected"
    await w.advance(10)
    await w.assert_idle()
    assert w.csms.told("StartTransaction") == []


@pytest.mark.parametrize("first", ["plug", "tap"])
@scenario()
async def test_plug_plus_tap_opens_one_transaction(w, first):
    """Both in the same moment, the tag even before the first answer."""
    plug, tap = w.plug(), w.tap()
    await asyncio.gather(*((plug, tap) if first == "plug" else (tap, plug)))
    tx = await w.charging()
    await w.advance(60)
    assert w.csms.ledger.only is tx
    await w.finish(tx)


@scenario()
async def test_remote_start_plus_tap_opens_one_transaction(w):
    await w.plug()
    remote = w.csms.call("RemoteStartTransaction", connectorId=1, idTag=ALICE)
    await asyncio.gather(remote, w.tap(BOB))
    start = await w.csms.next("StartTransaction")
    await w.advance(60)
    tx = w.csms.ledger.only
    assert start["idTag"] in (ALICE, BOB)
    # Whoever came second may have been taken for someone who wants to stop it, or not; it is one session.
    if tx.open:
        await w.finish(tx)
    else:
        await w.unplug()


@scenario()
async def test_no_times_from_before_the_first_synchronisation(w):
    """Restarted in an outage, the station does not know the time. What it charges then is told with true times."""
    await w.session(ALICE, minutes=1)
    await w.power_cut()
    w.csms.refuse = 503
    await w.power_up()
    await w.advance(5)
    began = w.csms.now
    await w.st.cmd("meter", power_w=6000)
    await w.plug()
    await w.tap()
    await w.advance(600)
    charged = (await w.evse())["tx"] is not None
    if charged:
        await w.tap()
    await w.advance(10)
    await w.st.cmd("unplug")
    w.csms.refuse = None
    await w.until(lambda: w.csms.registered == "Accepted", step=60, limit=7200)
    await w.settle()
    assert len(w.csms.ledger.transactions) == 1 + charged
    if charged:
        tx = w.csms.ledger.transactions[-1]
        w.check_energy(tx, 10)
        assert abs(tx.started - began) < timedelta(minutes=3)


@pytest.mark.parametrize(
    "call",
    [
        '"TriggerMessage",{"requestedMessage":"Heartbeat","vendorX":{"a":[1,{"b":null}],"c":"\\ud83d\\ude00"}}',
        '"ClearCache",{"customData":{"vendorId":"org.example"}}',
        '"GetConfiguration",{"":0,"key":["HeartbeatInterval"]}',
    ],
)
@scenario()
async def test_unknown_fields_are_skipped(w, call):
    action = call.split('"')[1]
    frame = await w.csms.ask(f'[2,"%id",{call}]', action)
    assert frame[0] == 3, frame
    assert frame[2].get("status", "Accepted") == "Accepted"


@scenario()
async def test_late_start_reply_is_not_mistaken(w):
    """The reply of the old connection arrives on the new one: it answers nothing there."""
    w.csms.drop["StartTransaction"] = 1
    await w.st.cmd("meter", power_w=6000)
    await w.plug()
    await w.tap()
    await w.csms.next("StartTransaction")
    await w.csms.cut()
    await w.st.event("offline")
    await w.until(lambda: w.csms.connected, step=5)
    await w.csms.raw(w.csms.dropped[0])
    await w.settle()
    tx = w.csms.ledger.only
    await w.tap()
    await w.csms.next("StopTransaction")
    assert tx.stop["transactionId"] in tx.ids
    await w.settle()
    await w.unplug()


@scenario()
async def test_offline_start_ends_with_its_own_id(w):
    """Not with -1 when the start was acknowledged later."""
    await w.session(ALICE, minutes=1)
    await w.go_offline()
    await w.offline_session(ALICE)
    await w.go_online()
    await w.settle()
    assert w.csms.ledger.orphans == []
    assert w.csms.ledger.transactions[-1].stop["transactionId"] > 0
