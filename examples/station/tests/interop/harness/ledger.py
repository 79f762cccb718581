"""The books of a central system: every session once, with one end and the right energy."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from .check import parse_time, samples_in

ENERGY = "Energy.Active.Import.Register"
NEVER_ACKNOWLEDGED = -1


@dataclass
class Transaction:
    """What the station told about one session. A start told twice leaves two ids and one session."""

    connector: int
    tag: str
    started: datetime
    meter_start: int
    ids: list = field(default_factory=list)
    stops: list = field(default_factory=list)
    meter_values: list = field(default_factory=list)
    answered_in: dict = field(default_factory=dict)

    @property
    def id(self):
        return self.ids[-1]

    @property
    def open(self):
        return not self.stops

    @property
    def stop(self):
        assert len(self.stops) == 1, f"{len(self.stops)} ends were told of {self}"
        return self.stops[0]

    @property
    def stopped(self):
        return parse_time(self.stop["timestamp"])

    @property
    def reason(self):
        return self.stop.get("reason", "Local")

    @property
    def energy(self):
        return self.stop["meterStop"] - self.meter_start


class Ledger:
    """Books StartTransaction, MeterValues and StopTransaction and notes what does not add up.

    `epoch` counts the connections: a message may be told again only if its answer can have been lost.
    """

    def __init__(self, problems):
        self._problems = problems
        self.transactions = []
        self.orphans = []
        self.orphan_meter_values = []
        self._ids = 0

    def start(self, call):
        """Book a start and return the transaction id to answer with, a new one each time."""
        tx = self.of(call)
        if tx is None:
            started = parse_time(call["timestamp"])
            tx = Transaction(call["connectorId"], call["idTag"], started, call["meterStart"])
            for other in self.transactions:
                if other.connector == tx.connector and other.open:
                    self._problems.append(f"a start while another session is open on the connector: {dict(call)}")
            self.transactions.append(tx)
        self._ids += 1
        tx.ids.append(self._ids)
        return self._ids

    def stop(self, call):
        if call["transactionId"] == NEVER_ACKNOWLEDGED:
            self.orphans.append(call)
            return
        tx = self.by_id(call["transactionId"])
        if tx is None:
            self._problems.append(f"an end of an unknown transaction: {dict(call)}")
            return
        content = {k: v for k, v in call.items() if k != "transactionId"}
        if content not in [{k: v for k, v in s.items() if k != "transactionId"} for s in tx.stops]:
            tx.stops.append(call)
        if len(tx.stops) > 1:
            self._problems.append(f"an end told differently twice: {tx.stops}")
        if call["meterStop"] < tx.meter_start or parse_time(call["timestamp"]) < tx.started:
            self._problems.append(f"an end before the start: {tx}")

    def meter_values(self, call):
        if "transactionId" not in call:
            return
        if call["transactionId"] == NEVER_ACKNOWLEDGED:
            self.orphan_meter_values.append(call)
            return
        tx = self.by_id(call["transactionId"])
        if tx is None or tx.connector != call["connectorId"]:
            self._problems.append(f"meter values of an unknown transaction: {dict(call)}")
            return
        if not tx.open:
            self._problems.append(f"meter values after the end was told: {dict(call)}")
        tx.meter_values.append(call)

    def answered(self, call, epoch):
        """The station got (or may have got) its answer: within this connection it must not ask again."""
        if call.action not in ("StartTransaction", "StopTransaction", "MeterValues"):
            return
        tx = self.of(call) if call.action == "StartTransaction" else self.by_id(call.get("transactionId"))
        if tx is None:
            return
        content = (call.action, repr(sorted(call.items())))
        if tx.answered_in.get(content) == epoch:
            self._problems.append(f"told again although it was answered: {call.action} {dict(call)}")
        tx.answered_in[content] = epoch

    def of(self, call):
        """The session that a StartTransaction opened."""
        told = (call["connectorId"], call["idTag"], parse_time(call["timestamp"]), call["meterStart"])
        for tx in self.transactions:
            if (tx.connector, tx.tag, tx.started, tx.meter_start) == told:
                return tx
        return None

    def by_id(self, id):
        return next((tx for tx in self.transactions if id in tx.ids), None)

    @property
    def only(self):
        assert len(self.transactions) == 1, f"one session expected, told were {self.transactions}"
        return self.transactions[0]

    def check(self):
        """All sessions have ended once, and their samples lie in order between start and end."""
        for tx in self.transactions:
            assert not tx.open, f"a session without end: {tx}"
            # Clock-aligned values may carry the beginning of their interval, which is not an order to hold them to.
            values = [v for c in tx.meter_values for v in c["meterValue"] if not is_aligned(v)]
            times = [tx.started, *(parse_time(v["timestamp"]) for v in values)]
            assert times == sorted(times), f"meter values out of order: {times}"
            assert times[-1] <= tx.stopped, f"meter values from after the end: {tx}"
            told = [s for c in tx.meter_values for s in samples_in(c) if is_energy(s)]
            register = [tx.meter_start, *map(watt_hours, told), tx.stop["meterStop"]]
            # Start and stop are whole Wh, samples may be finer.
            assert all(b >= a - 1 for a, b in pairwise(register)), f"the register ran backwards: {register}"


def is_aligned(value):
    return any(s.get("context") == "Sample.Clock" for s in value["sampledValue"])


def is_energy(sample):
    return sample.get("measurand", ENERGY) == ENERGY and "phase" not in sample and sample.get("format", "Raw") == "Raw"


def watt_hours(sample):
    return float(sample["value"]) * (1000 if sample.get("unit") == "kWh" else 1)
