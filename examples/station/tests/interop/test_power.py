"""Power cuts, resets, and what a station owes afterwards."""

from datetime import timedelta

import pytest

from harness.check import parse_time
from harness.csms import ALICE, BOB
from harness.world import WH_PER_MINUTE, scenario

SAMPLED = {"MeterValueSampleInterval": "60"}


async def leave(w):
    """Whatever the connector shows after the restart: the car drives away."""
    await w.settle()
    await w.st.cmd("unplug")
    await w.settle()
    assert w.csms.statuses(1)[-1] == "Available"


@scenario(settings=SAMPLED)
async def test_power_cut_while_charging(w):
    tx = await w.charge()
    await w.advance(605)
    last_sample = max(parse_time(v["timestamp"]) for c in tx.meter_values for v in c["meterValue"])
    await w.power_cut()
    cut = w.csms.now
    w.csms.now += timedelta(hours=1)
    await w.boot()
    await w.csms.next("StopTransaction", transactionId=tx.id)
    assert tx.reason == "PowerLoss"
    assert "idTag" not in tx.stop or tx.stop["idTag"] == ALICE
    assert abs(tx.energy - 10 * WH_PER_MINUTE) <= 30, f"{tx.energy} Wh told of 10 minutes"
    assert last_sample <= tx.stopped <= cut, "the end is the last that was known, not the restart"
    await leave(w)
    await w.session(BOB)


@scenario(settings=SAMPLED)
async def test_power_cut_tells_one_end(w):
    """Further restarts, clean or not, do not tell it again."""
    tx = await w.charge()
    await w.advance(300)
    await w.power_cut()
    await w.boot()
    await w.csms.next("StopTransaction", transactionId=tx.id)
    await w.settle()
    await w.power_cut()
    await w.boot()
    await w.settle()
    await w.st.stop()
    await w.csms.disconnection()
    await w.boot()
    await w.settle()
    assert len(w.csms.told("StopTransaction")) == 1
    await leave(w)


@scenario(settings=SAMPLED, evse=2)
async def test_power_cut_with_two_sessions(w):
    first = await w.charge(ALICE, evse=1)
    await w.advance(300)
    second = await w.charge(BOB, evse=2)
    await w.advance(300)
    await w.power_cut()
    await w.boot()
    for tx, energy in ((first, 1000), (second, 500)):
        await w.csms.next("StopTransaction", transactionId=tx.id)
        assert tx.reason == "PowerLoss"
        assert abs(tx.energy - energy) <= WH_PER_MINUTE + 30


@scenario(settings=SAMPLED)
async def test_power_cut_before_the_end_was_heard(w):
    """The reply to StopTransaction was lost in the cut: it is told again, the same."""
    tx = await w.charge()
    await w.advance(300)
    w.csms.drop["StopTransaction"] = 1
    await w.tap()
    await w.csms.next("StopTransaction")
    await w.power_cut()
    await w.boot()
    await w.csms.next("StopTransaction")
    assert tx.reason == "Local"
    w.check_energy(tx, 5)
    await leave(w)


@scenario(settings=SAMPLED)
async def test_power_cut_before_the_start_was_heard(w):
    """The reply to StartTransaction was lost in the cut: start and end go by the new id."""
    w.csms.drop["StartTransaction"] = 1
    await w.st.cmd("meter", power_w=6000)
    await w.plug()
    await w.tap()
    await w.csms.next("StartTransaction")
    await w.power_cut()
    await w.boot()
    await w.settle()
    tx = w.csms.ledger.only
    assert len(tx.ids) == 2 and tx.stop["transactionId"] == tx.ids[1]
    assert tx.reason == "PowerLoss"
    await leave(w)


@scenario()
async def test_queue_survives_a_power_cut(w):
    await w.session(ALICE, minutes=1)
    await w.go_offline()
    for _ in range(3):
        await w.offline_session(ALICE, minutes=10)
        await w.advance(600)
    began = [w.csms.now - timedelta(minutes=20 * n) for n in (3, 2, 1)]
    await w.power_cut()
    w.csms.now += timedelta(hours=5)
    await w.boot()
    await w.settle()
    told = w.csms.ledger.transactions[1:]
    assert len(told) == 3
    for tx, begin in zip(told, began):
        w.check_energy(tx, 10)
        assert abs(tx.started - begin) < timedelta(minutes=1)


@scenario(settings=SAMPLED)
async def test_power_cut_in_an_outage(w):
    await w.session(ALICE, minutes=1)
    await w.go_offline()
    await w.st.cmd("meter", power_w=6000)
    await w.plug()
    await w.tap()
    await w.st.event("contactor", evse=1, closed=True)
    await w.advance(600)
    await w.power_cut()
    await w.boot()
    await w.settle()
    tx = w.csms.ledger.transactions[-1]
    assert len(w.csms.ledger.transactions) == 2 and tx.reason == "PowerLoss"
    assert abs(tx.energy - 10 * WH_PER_MINUTE) <= WH_PER_MINUTE + 30
    await leave(w)


@scenario()
async def test_power_cut_at_rest_owes_nothing(w):
    await w.session()
    await w.power_cut()
    mark = w.csms.log.mark
    await w.boot()
    await w.settle()
    told = {kind for kind, _ in w.csms.log.entries[mark:]}
    assert told <= {"BootNotification", "StatusNotification", "SecurityEventNotification"}


@scenario()
async def test_ids_never_repeat(w):
    """The seed is fixed, the boots are not: message ids differ all the same."""
    await w.session()
    await w.power_cut()
    await w.boot()
    await w.session()
    ids = [call.id for _, call in w.csms.log.entries]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("kind", ["Soft", "Hard"])
@scenario()
async def test_reset_at_rest(w, kind):
    assert (await w.csms.call("Reset", type=kind))["status"] == "Accepted"
    await w.rebooted()
    await w.ready()
    await w.session()


@pytest.mark.parametrize("kind,reason", [("Soft", "SoftReset"), ("Hard", "HardReset")])
@scenario(settings=SAMPLED)
async def test_reset_while_charging(w, kind, reason):
    """Before the reboot or after it: the end is told once, with its reason."""
    tx = await w.charge()
    await w.advance(300)
    assert (await w.csms.call("Reset", type=kind))["status"] == "Accepted"
    await w.rebooted()
    await w.ready()
    await w.settle()
    assert tx.reason == reason
    assert abs(tx.energy - 5 * WH_PER_MINUTE) <= 30
    assert len(w.csms.told("StopTransaction")) == 1
    await leave(w)


@scenario()
async def test_soft_reset_with_an_unheard_end(w):
    """The central system does not answer the end in time; it gets it after the reboot."""
    tx = await w.charge()
    await w.advance(300)
    w.csms.drop["StopTransaction"] = 1
    assert (await w.csms.call("Reset", type="Soft"))["status"] == "Accepted"
    await w.csms.next("StopTransaction")
    # It may wait for the answer, but not for ever.
    await w.until_exit(600, step=120)
    await w.rebooted()
    await w.ready()
    await w.settle()
    assert tx.reason == "SoftReset"
    w.check_energy(tx, 5)
    await leave(w)


@scenario()
async def test_reset_button(w):
    tx = await w.charge()
    await w.advance(300)
    await w.st.cmd("reset_button")
    await w.rebooted()
    await w.ready()
    await w.settle()
    assert tx.reason in ("Reboot", "PowerLoss", "Other", "SoftReset", "HardReset")
    assert len(w.csms.told("StopTransaction")) == 1
    await leave(w)


@scenario()
async def test_configuration_survives(w):
    changed = await w.csms.call("ChangeConfiguration", key="MeterValueSampleInterval", value="123")
    assert changed["status"] == "Accepted"
    await w.power_cut()
    await w.boot()
    asked = await w.csms.call("GetConfiguration", key=["MeterValueSampleInterval"])
    assert asked["configurationKey"][0]["value"] == "123"


@scenario()
async def test_cache_survives(w):
    await w.session(ALICE, minutes=1)
    await w.power_cut()
    await w.boot()
    await w.go_offline()
    await w.offline_session(ALICE)
    await w.go_online()
    await w.settle()
    assert len(w.csms.ledger.transactions) == 2
