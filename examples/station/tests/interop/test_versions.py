"""`--ocpp both`: the server picks a version at each connection, and no session minds (B09, B10 and 1.6 alike)."""

from datetime import timedelta

import pytest

from harness.csms import ALICE, BOB
from harness.world import POWER_W
from harness.world201 import scenario_both

CHANGES = [("1.6", "2.0.1"), ("2.0.1", "1.6")]
EVENTS = {"1.6": ("StartTransaction", "StopTransaction"), "2.0.1": ("TransactionEvent", "TransactionEvent")}
SAMPLED = {"MeterValueSampleInterval": "60"}


async def boot(w, number):
    w.next_speaks(number)
    await w.boot()
    event = await w.st.event("online")
    assert event["subprotocol"] == f"ocpp{number}"
    await w.st.cmd("meter", power_w=POWER_W)


async def begin(w, token=ALICE):
    await w.plug()
    await w.tap(token)
    await w.st.event("contactor", closed=True)
    await w.settle()


async def end(w, token=ALICE):
    await w.tap(token)
    await w.st.event("contactor", closed=False)
    await w.settle()
    await w.st.cmd("unplug")
    await w.settle()


def whole(w, number, minutes=10):
    """The one transaction that the central system of today knows, which is whole and has ended."""
    tx = w.csms.books[number].only
    assert not tx.open
    w.check_energy(tx, minutes)
    return tx


@pytest.mark.parametrize("number", ["1.6", "2.0.1"])
@scenario_both(boot=False)
async def test_the_server_picks(w, number):
    await boot(w, number)
    assert (await w.st.state())["subprotocol"] == f"ocpp{number}"
    await begin(w)
    await w.advance(600)
    await end(w)
    whole(w, number)


@scenario_both()
async def test_the_newer_one_is_preferred(w):
    assert (await w.st.state())["subprotocol"] == "ocpp2.0.1"


@pytest.mark.parametrize("before,after", CHANGES)
@scenario_both(boot=False, settings=SAMPLED)
async def test_change_while_charging(w, before, after):
    await boot(w, before)
    await begin(w)
    await w.advance(300)
    known = w.csms.books[before].only
    started = w.csms.now - timedelta(seconds=300)
    former = w.next_speaks(after)
    await w.csms.cut()
    await w.st.event("offline")
    await w.until(lambda: w.csms.connected, step=5)
    await w.settle()
    await w.advance(300 - (w.csms.now - started).total_seconds() % 300)
    await end(w)
    tx = w.csms.books[after].only
    assert former[before].only is known and known.open, "who was left is told nothing more"
    assert tx.started == known.started
    w.check_energy(tx, (tx.stopped - tx.started).total_seconds() / 60)
    if after == "2.0.1":
        assert tx.offline[0] is True and tx.offline[-1] is False
        assert tx.tag == ALICE
    else:
        assert tx.meter_start == 0 and tx.tag == ALICE and tx.stop["transactionId"] == tx.id


@pytest.mark.parametrize("before,after", CHANGES)
@scenario_both(boot=False)
async def test_change_before_the_session(w, before, after):
    await boot(w, before)
    await w.plug()
    w.next_speaks(after)
    await w.reconnect()
    await w.tap()
    await w.st.event("contactor", closed=True)
    await w.advance(600)
    await end(w)
    whole(w, after)


@pytest.mark.parametrize("before,after", CHANGES)
@scenario_both(boot=False)
async def test_change_with_an_unheard_start(w, before, after):
    await boot(w, before)
    w.csms.drop[EVENTS[before][0]] = 1
    await w.plug()
    await w.tap()
    await w.csms.next(EVENTS[before][0])
    start = w.csms.now
    w.next_speaks(after)
    await w.reconnect()
    await w.advance(600 - (w.csms.now - start).total_seconds())
    await end(w)
    whole(w, after)


@pytest.mark.parametrize("before,after", CHANGES)
@scenario_both(boot=False)
async def test_change_with_an_unheard_end(w, before, after):
    """Told to both, since nobody knows what the one before has heard; with the same energy."""
    await boot(w, before)
    await begin(w)
    await w.advance(599)
    w.csms.drop[EVENTS[before][1]] = 1
    await w.tap()
    await w.csms.next(EVENTS[before][1], **({"eventType": "Ended"} if before == "2.0.1" else {}))
    former = w.next_speaks(after)
    await w.reconnect()
    tx = whole(w, after)
    known = former[before].only
    assert (tx.energy, tx.started, tx.stopped) == (known.energy, known.started, known.stopped)
    await w.st.cmd("unplug")


@pytest.mark.parametrize("before,after", CHANGES)
@scenario_both(boot=False, settings=SAMPLED)
async def test_change_with_a_filled_queue(w, before, after):
    """Three sessions in an outage, one of them begun before it."""
    await boot(w, before)
    await begin(w)
    await w.advance(300)
    former = w.next_speaks(after)
    await w.go_offline()
    await w.advance(299)
    await w.tap()
    await w.st.event("contactor", closed=False)
    await w.advance(1)
    await w.st.cmd("unplug")
    for _ in range(2):
        await w.offline_session(ALICE)
    await w.go_online()
    await w.settle()
    told = w.csms.books[after].transactions
    assert len(told) == 3
    for tx in told:
        w.check_energy(tx, 10)
    assert told[0].started == former[before].only.started
    if after == "2.0.1":
        assert all(offline for tx in told for offline in tx.offline)


@pytest.mark.parametrize("first,second", CHANGES)
@scenario_both(boot=False, settings=SAMPLED)
async def test_there_and_back(w, first, second):
    await boot(w, first)
    await begin(w)
    start = w.csms.now
    books = []
    for number in (second, first):
        await w.advance(150)
        books.append(w.next_speaks(number))
        await w.reconnect()
    await w.advance(600 - (w.csms.now - start).total_seconds())
    await end(w)
    tx = whole(w, first)
    assert books[0][first].only.started == books[1][second].only.started == tx.started


@pytest.mark.parametrize("before,after", CHANGES)
@scenario_both(boot=False)
async def test_change_over_a_power_cut(w, before, after):
    await boot(w, before)
    await begin(w)
    await w.advance(600)
    former = w.next_speaks(after)
    await w.power_cut()
    await w.boot()
    await w.settle()
    tx = w.csms.books[after].only
    assert tx.reason == "PowerLoss" and tx.started == former[before].only.started
    await w.st.cmd("unplug")


@pytest.mark.parametrize("before,after", CHANGES)
@scenario_both(boot=False)
async def test_settings_are_the_same(w, before, after):
    await boot(w, before)
    if before == "1.6":
        changed = await w.csms.call("ChangeConfiguration", key="ConnectionTimeOut", value="77")
        assert changed["status"] == "Accepted"
    else:
        assert await w.set("TxCtrlr", "EVConnectionTimeOut", "77") == "Accepted"
    w.next_speaks(after)
    await w.reconnect()
    if after == "1.6":
        asked = await w.csms.call("GetConfiguration", key=["ConnectionTimeOut"])
        assert asked["configurationKey"][0]["value"] == "77"
    else:
        assert (await w.get("TxCtrlr", "EVConnectionTimeOut"))["attributeValue"] == "77"
    await begin(w, BOB)
    await w.advance(600)
    await end(w, BOB)
    whole(w, after)
