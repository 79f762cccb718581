"""Meter values: when, of what, in which context."""

from datetime import timedelta

import pytest

from harness.check import parse_time, samples_in
from harness.ledger import ENERGY, is_energy, watt_hours
from harness.world import SLACK_WH, WH_PER_MINUTE, scenario

ALL = "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage"


def contexts(values):
    """The contexts of the entries, in order; each entry has one."""
    told = []
    for value in values:
        (context,) = {s.get("context", "Sample.Periodic") for s in value["sampledValue"]}
        told.append(context)
    return told


def times(values):
    return [parse_time(v["timestamp"]) for v in values]


def measurands(payload):
    return {s.get("measurand", ENERGY) for s in samples_in(payload)}


def values_of(tx):
    return [v for call in tx.meter_values for v in call["meterValue"]]


@scenario(settings={"MeterValueSampleInterval": "60"})
async def test_periodic(w):
    tx = await w.session(minutes=10)
    values = values_of(tx)
    assert 9 <= len(values) <= 10
    assert set(contexts(values)) == {"Sample.Periodic"}
    for n, time in enumerate(times(values), start=1):
        assert abs(time - tx.started - timedelta(minutes=n)) <= timedelta(seconds=5)
    for n, sample in enumerate((s for c in tx.meter_values for s in samples_in(c)), start=1):
        assert abs(watt_hours(sample) - tx.meter_start - n * WH_PER_MINUTE) <= SLACK_WH


@scenario(settings={"MeterValueSampleInterval": "0"})
async def test_interval_zero_is_off(w):
    await w.session(minutes=30)
    assert w.csms.told("MeterValues") == []


@scenario(settings={"MeterValueSampleInterval": "30"})
async def test_none_without_a_session(w):
    await w.advance(300)
    await w.plug()
    await w.advance(50)
    await w.csms.sync()
    assert w.csms.told("MeterValues") == []
    await w.unplug()


@scenario(settings={"MeterValueSampleInterval": "60", "MeterValuesSampledData": ALL})
async def test_several_measurands(w):
    tx = await w.session(minutes=3)
    for call in tx.meter_values:
        assert measurands(call) == set(ALL.split(","))
        power = [s for s in samples_in(call) if s.get("measurand") == "Power.Active.Import" and "phase" not in s]
        for sample in power:
            watts = float(sample["value"]) * (1000 if sample["unit"] == "kW" else 1)
            assert abs(watts - 6000) < 60
        for sample in samples_in(call):
            if sample.get("measurand") == "Voltage":
                assert sample["unit"] == "V" and 200 < float(sample["value"]) < 440


@scenario(settings={"ClockAlignedDataInterval": "900"})
async def test_clock_aligned_at_rest(w):
    """On the grid of the day, session or not, and then without a transaction id."""
    await w.advance(400)
    await w.advance(3600)
    await w.csms.sync()
    told = w.csms.told("MeterValues", connectorId=1)
    values = [v for call in told for v in call["meterValue"]]
    assert 3 <= len(values) <= 5
    assert set(contexts(values)) == {"Sample.Clock"}
    assert all("transactionId" not in call for call in told)
    assert all((t.minute % 15, t.second) == (0, 0) for t in times(values)), times(values)


@scenario(settings={"ClockAlignedDataInterval": "300"})
async def test_clock_aligned_in_a_session(w):
    tx = await w.charge()
    await w.advance(1200)
    await w.finish(tx)
    values = values_of(tx)
    assert 3 <= len(values) <= 4
    assert set(contexts(values)) == {"Sample.Clock"}
    assert all((t.minute % 5, t.second) == (0, 0) for t in times(values))


@scenario(settings={"ClockAlignedDataInterval": "300", "MeterValueSampleInterval": "60"})
async def test_both_kinds(w):
    tx = await w.session(minutes=20)
    told = contexts(values_of(tx))
    assert 18 <= told.count("Sample.Periodic") <= 20
    assert 3 <= told.count("Sample.Clock") <= 5


def stop_data(tx):
    return tx.stop.get("transactionData", [])


@scenario()
async def test_no_stop_data(w):
    tx = await w.session()
    assert stop_data(tx) == []


@scenario(settings={"StopTxnSampledData": ENERGY, "MeterValueSampleInterval": "120"})
async def test_stop_data_begin_and_end(w):
    """The end carries the first and the last reading, and what lay between."""
    tx = await w.session(minutes=10)
    data = stop_data(tx)
    told = contexts(data)
    assert told[0] == "Transaction.Begin" and told[-1] == "Transaction.End"
    assert set(told[1:-1]) <= {"Sample.Periodic"}
    first, last = data[0]["sampledValue"], data[-1]["sampledValue"]
    assert [watt_hours(s) for s in first if is_energy(s)] == [pytest.approx(tx.meter_start, abs=1)]
    assert [watt_hours(s) for s in last if is_energy(s)] == [pytest.approx(tx.stop["meterStop"], abs=1)]
    assert times(data) == sorted(times(data))
    assert abs(times(data)[0] - tx.started) <= timedelta(seconds=5)
    assert abs(times(data)[-1] - tx.stopped) <= timedelta(seconds=5)


@scenario(settings={"StopTxnAlignedData": ENERGY, "ClockAlignedDataInterval": "300"})
async def test_stop_data_on_the_grid(w):
    tx = await w.session(minutes=20)
    aligned = [v for v, c in zip(stop_data(tx), contexts(stop_data(tx))) if c == "Sample.Clock"]
    assert 1 <= len(aligned) <= 5
    assert all((t.minute % 5, t.second) == (0, 0) for t in times(aligned))


@scenario(settings={"StopTxnSampledData": ENERGY, "MeterValueSampleInterval": "60"})
async def test_long_session_keeps_first_and_last(w):
    """When memory runs short, samples between them go first."""
    tx = await w.charge()
    await w.advance(3 * 3600)
    await w.finish(tx)
    w.check_energy(tx, 3 * 60)
    told = contexts(stop_data(tx))
    assert told[0] == "Transaction.Begin" and told[-1] == "Transaction.End"
    assert len(values_of(tx)) >= 3 * 60 - 2


@scenario()
async def test_register_is_not_rebased(w):
    """The second session starts where the first ended."""
    await w.st.cmd("meter", energy_wh=5_000_000)
    first = await w.session(minutes=10)
    second = await w.session(minutes=10)
    assert first.meter_start == 5_000_000
    assert second.meter_start == first.stop["meterStop"]
