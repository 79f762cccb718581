"""The hands of a scenario in 2.0.1."""

import functools

from .csms import ALICE
from .csms201 import Csms201, CsmsBoth
from .world import POWER_W, SETTINGS, World, scenario

ENERGY = "Energy.Active.Import.Register"


class World201(World):
    ocpp = "2.0.1"
    settings = {**SETTINGS, "SampledDataCtrlr.TxEndedMeasurands": ENERGY}

    async def ready(self):
        await self.csms.next("BootNotification")
        per_evse = self.connectors // self.evses
        for evse in range(1, self.evses + 1):
            for connector in range(1, per_evse + 1):
                await self.connector(evse, connector=connector)

    async def connector(self, evse=1, *status, connector=1):
        """The station tells a status of a connector."""
        wanted = {"connectorStatus": set(status)} if status else {}
        return await self.csms.next("StatusNotification", evseId=evse, connectorId=connector, **wanted)

    async def told(self, trigger, tx=None, **info):
        """The next event of a transaction with that trigger, and that content of its transactionInfo."""
        wanted = {"triggerReason": trigger} if trigger else {}

        def fits(have):
            return (tx is None or have["transactionId"] == tx.id) and info.items() <= have.items()

        return await self.csms.next("TransactionEvent", transactionInfo=fits, **wanted)

    async def unplug(self, evse=1):
        await self.st.cmd("unplug", evse=evse)
        await self.settle()
        await self.connector(evse, "Available")

    async def charge(self, token=ALICE, evse=1):
        await self.st.cmd("meter", evse=evse, power_w=POWER_W)
        await self.plug(evse)
        await self.connector(evse, "Occupied")
        await self.tap(token, evse)
        return await self.charging(evse)

    async def charging(self, evse=1):
        start = await self.csms.next(
            "TransactionEvent", eventType="Started", evse=lambda e: e is not None and e["id"] == evse
        )
        await self.settle()
        tx = self.csms.ledger.of(start)
        assert tx.state == "Charging", tx.summary
        return tx

    async def finish(self, tx, token=None):
        await self.tap(token or tx.tag, tx.evse)
        await self.ended(tx)
        await self.unplug(tx.evse)

    async def ended(self, tx):
        await self.csms.next(
            "TransactionEvent", eventType="Ended", transactionInfo=lambda info: info["transactionId"] == tx.id
        )
        await self.settle()

    async def status(self, action, **payload):
        """Call the station and return the status that it answers."""
        return (await self.csms.call(action, **payload))["status"]

    async def set(self, component, variable, value, **more):
        item = {"component": {"name": component}, "variable": {"name": variable}, "attributeValue": value, **more}
        answer = await self.csms.call("SetVariables", setVariableData=[item])
        return answer["setVariableResult"][0]["attributeStatus"]

    async def get(self, component, variable, **more):
        item = {"component": {"name": component}, "variable": {"name": variable}, **more}
        return (await self.csms.call("GetVariables", getVariableData=[item]))["getVariableResult"][0]

    async def report(self, action, **payload):
        """Ask for a report and return its rows; its pages are complete and in order."""
        request = payload.setdefault("requestId", 7)
        mark = self.csms.log.mark
        status = await self.status(action, **payload)
        if status != "Accepted":
            return status
        await self.settle()
        pages = [p for p in self.csms.told("NotifyReport", since=mark) if p["requestId"] == request]
        assert [p["seqNo"] for p in pages] == list(range(len(pages))), pages
        assert [p.get("tbc", False) for p in pages] == [True] * (len(pages) - 1) + [False], pages
        return [row for p in pages for row in p["reportData"]]


class WorldBoth(World201):
    ocpp = "both"

    async def ready(self):
        await self.csms.next("BootNotification")
        await self.csms.next("StatusNotification")
        await self.settle()

    def next_speaks(self, number):
        """From the next connection on the station belongs to a central system of that version, with books of its own.

        Returns those that it had before.
        """
        self.csms.subprotocols = [f"ocpp{number}"]
        former = self.csms.books
        self.csms.books = {v.number: v.ledger(self.csms.problems) for v in self.csms.versions}
        return former

    async def reconnect(self):
        await self.csms.cut()
        await self.st.event("offline")
        await self.until(lambda: self.csms.connected, step=5)
        await self.settle()


scenario201 = functools.partial(scenario, csms=Csms201, world=World201)
scenario_both = functools.partial(scenario, csms=CsmsBoth, world=WorldBoth)
