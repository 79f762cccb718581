"""What every central system of the suite offers to a scenario, whatever it is built on."""

import asyncio

from .log import GUARD, Log, fields


class Presence:
    """Whether the station is connected, and waiting for it to come or go."""

    def __init__(self):
        self.here = False
        self._changed = asyncio.Event()

    def set(self, here):
        self.here = here
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait(self, here):
        try:
            async with asyncio.timeout(GUARD):
                while self.here is not here:
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError("the station does not " + ("connect" if here else "disconnect")) from None


class CallError(Exception):
    """The station answered a CALL with a CALLERROR."""

    def __init__(self, code, description=""):
        super().__init__(f"{code}: {description}")
        self.code = code


class StationCall(dict):
    """The payload of a CALL of the station, and as what and when it came."""

    def __init__(self, id, action, payload, at):
        super().__init__(payload)
        self.id, self.action, self.at = id, action, at


class CentralSystem:
    """The books and the ears. How calls are made and answered is up to the kinds of it."""

    def __init__(self, ledger):
        self.log = Log("calls of the station", stream)
        # Everything the station did wrong, and every frame in both directions.
        self.problems = []
        self.frames = []
        self.ledger = ledger(self.problems)
        # The last verdict that the running station was given.
        self.registered = None
        self.presence = Presence()

    @property
    def connected(self):
        return self.presence.here

    async def connection(self):
        await self.presence.wait(True)

    async def disconnection(self):
        await self.presence.wait(False)

    def station_started(self):
        """A station has been switched on: it must register before anything else."""
        self.registered = None

    async def next(self, action, **wanted):
        """The next CALL of the station that matches, after it was answered; see `Log.next`."""
        return await self.log.next(action, **wanted)

    def told(self, action, *, since=0, **wanted):
        """Every matching CALL of the station since a mark of the log."""
        return self.log.all(action, since=since, **wanted)

    def statuses(self, connector, since=0):
        return [c["status"] for c in self.told("StatusNotification", since=since, connectorId=connector)]

    async def call(self, action, **payload):
        """Call the station and return its answer; raises `CallError` if that is one."""
        raise NotImplementedError

    def check(self):
        """The books balance."""
        self.ledger.check()

    async def sync(self):
        """Returns when all that the station has sent so far has arrived."""
        raise NotImplementedError


def stream(call):
    """A connector or a transaction, in either version."""
    info = call.get("transactionInfo", {})
    return (*fields("evseId", "connectorId", "transactionId")(call), info.get("transactionId"))
