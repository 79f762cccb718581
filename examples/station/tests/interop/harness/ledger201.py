"""The books of a 2.0.1 central system: every transaction whole, every event once and in its place."""

from dataclasses import dataclass, field
from itertools import pairwise

from .check import parse_time, samples_in
from .ledger import is_energy


def samples(event, context):
    """The energy register as an event tells it in one context, in Wh."""
    return [wh(s) for s in samples_in(event) if is_energy(s) and s.get("context", "Sample.Periodic") == context]


def wh(sample):
    unit = sample.get("unitOfMeasure", {})
    scale = {"Wh": 1, "kWh": 1000}[unit.get("unit", "Wh")]
    return float(sample["value"]) * scale * 10 ** unit.get("multiplier", 0)


@dataclass
class Transaction201:
    """What the station told of one transaction, in order of `seqNo`."""

    id: str
    events: list = field(default_factory=list)
    # Per event, how often it came, and in which connection it was answered last.
    told: list = field(default_factory=list)
    answered_in: dict = field(default_factory=dict)

    @property
    def open(self):
        return self.events[-1]["eventType"] != "Ended"

    @property
    def start(self):
        return self.events[0]

    @property
    def end(self):
        assert not self.open, f"a transaction without end: {self.summary}"
        return self.events[-1]

    @property
    def started(self):
        return parse_time(self.start["timestamp"])

    @property
    def stopped(self):
        return parse_time(self.end["timestamp"])

    @property
    def reason(self):
        return self.end["transactionInfo"].get("stoppedReason", "Local")

    @property
    def state(self):
        told = [e["transactionInfo"]["chargingState"] for e in self.events if "chargingState" in e["transactionInfo"]]
        return told[-1]

    @property
    def triggers(self):
        return [e["triggerReason"] for e in self.events]

    @property
    def tokens(self):
        return [e["idToken"]["idToken"] for e in self.events if "idToken" in e]

    @property
    def tag(self):
        return self.tokens[0]

    @property
    def evse(self):
        return next(e["evse"]["id"] for e in self.events if "evse" in e)

    @property
    def energy(self):
        begin = [v for e in self.events for v in samples(e, "Transaction.Begin")]
        return samples(self.end, "Transaction.End")[-1] - begin[0]

    @property
    def offline(self):
        return [e.get("offline", False) for e in self.events]

    @property
    def summary(self):
        return [
            f"{e['seqNo']} {e['eventType']} {e['triggerReason']} {e['transactionInfo'].get('chargingState', '-')}"
            for e in self.events
        ]


class Ledger201:
    """Books TransactionEvents and notes what does not add up.

    An event may be told again only if its answer can have been lost; `epoch` counts the connections.
    """

    def __init__(self, problems):
        self._problems = problems
        self.transactions = []

    def event(self, call):
        tx = self.by_id(call["transactionInfo"]["transactionId"])
        if tx is None:
            tx = Transaction201(call["transactionInfo"]["transactionId"])
            if (call["eventType"], call["seqNo"]) != ("Started", 0):
                self._problems.append(f"a transaction that begins with {call['seqNo']} {call['eventType']}: {call}")
            self.transactions.append(tx)
        elif call["seqNo"] < len(tx.events):
            return self._again(tx, call)
        else:
            self._next(tx, call)
        tx.events.append(call)
        tx.told.append(1)
        if call["eventType"] == "Started" and "chargingState" not in call["transactionInfo"]:
            self._problems.append(f"a start without a charging state: {call}")
        if ("stoppedReason" in call["transactionInfo"]) > (call["eventType"] == "Ended"):
            self._problems.append(f"a reason to stop before the end: {call}")

    def _next(self, tx, call):
        if call["seqNo"] != len(tx.events):
            self._problems.append(f"seqNo {call['seqNo']} after {len(tx.events) - 1}: {call}")
        if not tx.open:
            self._problems.append(f"an event after the end: {call}")
        if call["eventType"] == "Started":
            self._problems.append(f"a second start: {call}")
        if parse_time(call["timestamp"]) < parse_time(tx.events[-1]["timestamp"]):
            self._problems.append(f"an event older than the one before: {call}")

    def _again(self, tx, call):
        tx.told[call["seqNo"]] += 1
        known = tx.events[call["seqNo"]]
        # An event that was cut off on its way is one that waited offline.
        if {**call, "offline": 0} != {**known, "offline": 0}:
            self._problems.append(f"seqNo {call['seqNo']} told differently: {known} and {call}")

    def answered(self, call, epoch):
        """The station got (or may have got) its answer: within this connection it must not ask again."""
        if call.action != "TransactionEvent":
            return
        tx = self.by_id(call["transactionInfo"]["transactionId"])
        if tx.answered_in.get(call["seqNo"]) == epoch:
            self._problems.append(f"told again although it was answered: {call}")
        tx.answered_in[call["seqNo"]] = epoch

    def of(self, call):
        """The transaction that a TransactionEvent belongs to."""
        return self.by_id(call["transactionInfo"]["transactionId"])

    def by_id(self, id):
        return next((tx for tx in self.transactions if tx.id == id), None)

    @property
    def only(self):
        assert len(self.transactions) == 1, f"one transaction expected, told were {self.transactions}"
        return self.transactions[0]

    def check(self):
        """All transactions have ended; what is told once was told once; the register never ran backwards."""
        for tx in self.transactions:
            assert not tx.open, f"a transaction without end: {tx.summary}"
            for once in ("evse", "reservationId"):
                assert sum(once in e for e in tx.events) <= 1 + (once == "evse"), f"{once} told too often: {tx.events}"
            ids = [e for e in tx.events if "remoteStartId" in e["transactionInfo"]]
            assert len(ids) <= 1, f"remoteStartId told too often: {tx.events}"
            assert len(tx.tokens) <= 2, f"the token told too often: {tx.events}"
            live = [v for e in tx.events[:-1] for c in ("Transaction.Begin", "Sample.Periodic") for v in samples(e, c)]
            live += samples(tx.end, "Transaction.End")
            assert all(b >= a for a, b in pairwise(live)), f"the register ran backwards: {live}"
