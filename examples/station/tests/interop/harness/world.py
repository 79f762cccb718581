"""One scenario: a central system, a station, the clock they share, and the end that every scenario has."""

import asyncio
import contextlib
import inspect
from datetime import timedelta
from pathlib import Path

from .csms import ALICE
from .csms16 import Csms16
from .station import REBOOT_WANTED, CommandFailed, Station

# Factory values that keep every scenario to its subject. What a scenario is about, it sets itself.
SETTINGS = {
    "AuthorizationCacheEnabled": "true",
    "AuthorizeRemoteTxRequests": "true",
    "ClockAlignedDataInterval": "0",
    "ConnectionTimeOut": "60",
    "LocalAuthorizeOffline": "true",
    "LocalPreAuthorize": "false",
    "MeterValueSampleInterval": "0",
    "MeterValuesAlignedData": "Energy.Active.Import.Register",
    "MeterValuesSampledData": "Energy.Active.Import.Register",
    "StopTransactionOnEVSideDisconnect": "true",
    "StopTransactionOnInvalidId": "true",
    "StopTxnAlignedData": "",
    "StopTxnSampledData": "",
    "TransactionMessageAttempts": "3",
    "TransactionMessageRetryInterval": "10",
    "UnlockConnectorOnEVSideDisconnect": "true",
    "WebSocketPingInterval": "0",
}

POWER_W = 6000
WH_PER_MINUTE = POWER_W // 60
# The seconds that a scenario lets pass around a session, as energy.
SLACK_WH = 25


class World:
    """The scenario's hands. `evse` is the station's own number; with one connector each it is 1.6's, too."""

    # What the station may speak, and its factory values.
    ocpp = "1.6"
    settings = SETTINGS

    def __init__(self, csms, storage, *, evse=1, connectors=1, lock="auto", settings=None, options=()):
        self.csms, self.st = csms, None
        self.evses, self.connectors = evse, evse * connectors
        self._arguments = [
            "--ocpp",
            self.ocpp,
            "--csms",
            csms.url,
            "--storage",
            storage,
            "--control",
            "stdio",
            "--frames",
        ]
        self._arguments += ["--clock", "virtual", "--reboot", "exit", "--evse", evse, "--connectors", connectors]
        self._arguments += ["--lock", lock, "--seed", 1, *options]
        for key, value in {**self.settings, **(settings or {})}.items():
            self._arguments += ["--set", f"{key}={value}"]
        self._runs = []

    # Switching the station on and off.

    async def power_up(self, *more):
        """Start the station, on the storage of the runs before."""
        self.csms.station_started()
        self.st = Station(*self._arguments, *more)
        self._runs.append(self.st)
        await self.st.start()

    async def ready(self):
        """Wait until the station is registered and has told the status of every connector."""
        await self.csms.next("BootNotification")
        for connector in range(self.connectors + 1):
            await self.csms.next("StatusNotification", connectorId=connector)

    async def boot(self, *more):
        await self.power_up(*more)
        await self.ready()

    async def power_cut(self):
        await self.st.kill()
        if self.csms.connected:
            await self.csms.disconnection()

    async def rebooted(self):
        """The station ends because it wants to reboot; do that for it."""
        await self.until_exit()
        assert await self.st.exit_code() == REBOOT_WANTED
        if self.csms.connected:
            await self.csms.disconnection()
        await self.power_up()

    # Time.

    async def advance(self, seconds, *, step=None):
        """Let time pass, for the central system, too; in steps where its time of day matters meanwhile."""
        while seconds > 0:
            now = min(step or seconds, seconds)
            self.csms.now += timedelta(seconds=now)
            await self.st.cmd("clock", advance_s=now, hold=True)
            seconds -= now

    async def settle(self):
        """A second passes; everything said until then has been heard and answered."""
        await self.advance(1)
        if self.csms.connected and self.csms.registered == "Accepted":
            await self.csms.sync()

    async def until_exit(self, limit=60, *, step=5):
        """Let time pass until the station has ended by itself."""
        with contextlib.suppress(CommandFailed):
            await self.advance(limit, step=step)

    async def while_time_passes(self, waiting):
        """Wait for an answer; if it is not there at once, it may need the station's clock to run."""
        task = asyncio.create_task(waiting)
        while not (await asyncio.wait({task}, timeout=0.2))[0]:
            await self.advance(1)
        return task.result()

    async def until(self, condition, *, step=30, limit=3600):
        """Let time pass until something is true."""
        for _ in range(0, limit, step):
            if condition():
                return
            await self.advance(step)
        assert condition(), "time passed in vain"

    # The link.

    async def go_offline(self):
        await self.st.cmd("net", online=False)
        await self.csms.disconnection()

    async def go_online(self):
        await self.st.cmd("net", online=True)
        await self.csms.connection()
        await self.settle()

    # The driver of the car.

    async def plug(self, evse=1):
        await self.st.cmd("plug", evse=evse)

    async def tap(self, token=ALICE, evse=1):
        await self.st.cmd("id", token=token, evse=evse)

    async def unplug(self, evse=1):
        """Take the cable out, and be told that the connector is free."""
        await self.st.cmd("unplug", evse=evse)
        await self.settle()
        await self.csms.next("StatusNotification", connectorId=evse, status="Available")

    async def charge(self, token=ALICE, evse=1):
        """Begin a session, cable first. Returns the central system's view of it."""
        await self.st.cmd("meter", evse=evse, power_w=POWER_W)
        await self.plug(evse)
        await self.csms.next("StatusNotification", connectorId=evse, status="Preparing")
        await self.tap(token, evse)
        return await self.charging(evse)

    async def charging(self, evse=1):
        """A session has begun on this connector and current flows."""
        start = await self.csms.next("StartTransaction", connectorId=evse)
        await self.settle()
        await self.csms.next("StatusNotification", connectorId=evse, status="Charging")
        return self.csms.ledger.of(start)

    async def finish(self, tx, token=None):
        """End a session by presenting the identifier, and drive away."""
        await self.tap(token or tx.tag, tx.connector)
        await self.ended(tx)
        await self.unplug(tx.connector)

    async def ended(self, tx):
        """A session is over and the cable still in."""
        await self.csms.next("StopTransaction", transactionId=tx.id)
        await self.settle()
        await self.csms.next("StatusNotification", connectorId=tx.connector, status="Finishing")

    async def session(self, token=ALICE, evse=1, minutes=10):
        """A whole session, checked."""
        tx = await self.charge(token, evse)
        await self.advance(60 * minutes)
        await self.finish(tx)
        self.check_energy(tx, minutes)
        return tx

    async def offline_session(self, token=ALICE, evse=1, minutes=10):
        """A whole session that the central system cannot see."""
        await self.st.cmd("meter", evse=evse, power_w=POWER_W)
        await self.plug(evse)
        await self.tap(token, evse)
        await self.st.event("contactor", evse=evse, closed=True)
        await self.advance(60 * minutes)
        await self.tap(token, evse)
        await self.st.event("contactor", evse=evse, closed=False)
        await self.advance(1)
        await self.st.cmd("unplug", evse=evse)
        await self.advance(1)

    # Looking.

    async def evse(self, evse=1):
        """What the station itself knows about one of its EVSEs."""
        return next(e for e in (await self.st.state())["evse"] if e["id"] == evse)

    async def assert_idle(self, evse=1):
        """No session, no power."""
        seen = await self.evse(evse)
        assert seen["tx"] is None and not seen["contactor"], seen

    def check_energy(self, tx, minutes):
        expected = minutes * WH_PER_MINUTE
        assert abs(tx.energy - expected) <= SLACK_WH, f"{tx.energy} Wh told, {expected} Wh charged"

    async def close(self):
        """The end of every scenario: all was said properly and the books balance."""
        if self.st.running:
            await self.settle()
        await self.dispose()
        assert not self.problems, "\n".join(self.problems)
        self.csms.check()

    @property
    def problems(self):
        return self.csms.problems + [p for run in self._runs for p in run.problems]

    async def dispose(self):
        for run in self._runs:
            await run.kill()

    def print_trace(self):
        for who, text in self.csms.frames[-60:]:
            print(f"{who:>7}: {text[:600]}")
        for run in self._runs:
            print("events:", *[str(i)[:300] for k, i in run.events.entries if k != "frame"][-30:], sep="\n  ")
            print("stderr:", run.stderr.decode(errors="replace")[-3000:])
        print("problems:", *self.problems, sep="\n  ")


def scenario(*, csms=Csms16, world=World, boot=True, **options):
    """Make a test of `async def test_…(w, …)`: `w` is a fresh World, booted unless told otherwise."""

    def decorate(body):
        async def play(storage: Path, parameters):
            async with csms() as system:
                w = world(system, storage, **options)
                try:
                    if boot:
                        await w.boot()
                    await body(w, **parameters)
                    await w.close()
                except BaseException:
                    await w.dispose()
                    w.print_trace()
                    raise
                finally:
                    await w.dispose()

        def test(tmp_path, **parameters):
            asyncio.run(play(tmp_path, parameters))

        own = [p for name, p in inspect.signature(body).parameters.items() if name != "w"]
        fixture = inspect.Parameter("tmp_path", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        test.__signature__ = inspect.Signature([fixture, *own])
        test.__name__, test.__doc__, test.__module__ = body.__name__, body.__doc__, body.__module__
        return test

    return decorate
