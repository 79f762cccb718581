"""The charger of this board in a scenario: a station that is driven over UART, and a central system on loopback."""

import asyncio
import contextlib
import inspect
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from qemu import POWER_CUT, command_line, set_link

# The central systems and books are those of the station on Linux.
sys.path.append(str(Path(__file__).resolve().parents[2] / "station" / "tests" / "interop"))

from harness.csms import ALICE  # noqa: E402
from harness.csms16 import Csms16  # noqa: E402
from harness.csms201 import Csms201, CsmsBoth  # noqa: E402
from harness.log import GUARD  # noqa: E402
from harness.station import CommandFailed, Station  # noqa: E402

# 100 Wh a second: time is real here.
POWER_W = 360_000
ENERGY = "Energy.Active.Import.Register"
SETTINGS = {
    "MeterValueSampleInterval": "1",
    "MeterValuesSampledData": ENERGY,
    "StopTxnSampledData": "",
    "TransactionMessageRetryInterval": "1",
}
SETTINGS_201 = {
    "SampledDataCtrlr.TxUpdatedInterval": "1",
    "SampledDataCtrlr.TxUpdatedMeasurands": ENERGY,
    "SampledDataCtrlr.TxEndedMeasurands": ENERGY,
    "OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]": "1",
}


class Machine(Station):
    """One run of the machine, from power-on to the end."""

    def __init__(self, image, flash, control, **options):
        super().__init__()
        self._control = control
        self._control.unlink(missing_ok=True)
        self.command = command_line(image, flash, control, **options)

    def set_link(self, up):
        """Plugs the network cable, or pulls it."""
        set_link(self._control, up)

    async def until_it_ends(self, work):
        """Does this until the machine ends by itself. Returns its exit code."""
        work = asyncio.create_task(work)
        end = asyncio.create_task(self._process.wait())
        await asyncio.wait({work, end}, return_when=asyncio.FIRST_COMPLETED)
        # What is done when the machine ends may fail first.
        if work.done() and not isinstance(work.exception(), CommandFailed):
            end.cancel()
            return work.result()
        try:
            code = await asyncio.wait_for(end, GUARD)
        except TimeoutError:
            work.result()
            raise
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        await asyncio.gather(*self._readers)
        return code


class Charger:
    """The scenario's hands."""

    def __init__(self, csms, image, flash, ocpp):
        self.csms, self.image, self.flash, self.ocpp = csms, image, Path(flash), ocpp
        self.st = None
        # What is outside of the machine outlives it.
        self.register = 5_000

    @property
    def books(self):
        return self.csms.ledger

    async def power_on(self, *, wait=True, **options):
        """Switches it on, and waits until it listens."""
        self.csms.station_started()
        self.csms.now = datetime.now(UTC)
        url = self.csms.url.replace("127.0.0.1", "10.0.2.2")
        control = self.flash.with_suffix(".qmp")
        told = {"csms": url, "ocpp": self.ocpp, "register": self.register, **options}
        self.st = Machine(self.image, self.flash, control, **{k: v for k, v in told.items() if v is not None})
        await self.st.launch()
        if wait:
            await self.st.event("ready")

    async def registered(self):
        event = await self.st.event("registered")
        assert event["status"] == "Accepted"

    async def configure(self, settings):
        for key, value in settings.items():
            await self.st.cmd("local_config", key=key, value=value)

    async def boot(self, **options):
        await self.power_on(**options)
        await self.registered()
        await self.configure(SETTINGS if self.ocpp == "1.6" else SETTINGS_201)

    async def begin(self, token=ALICE):
        """A car comes, a card is held, and it charges."""
        await self.st.cmd("meter", power_w=POWER_W)
        await self.st.cmd("plug")
        await self.st.cmd("id", token=token)
        await self.st.event("contactor", closed=True)

    async def delivered(self, watt_hours):
        """Waits until the running transaction has taken so much."""
        while ((await self.st.state())["evse"][0]["tx"] or {"energy_wh": 0})["energy_wh"] < watt_hours:
            await asyncio.sleep(0.05)

    async def end(self, token=ALICE):
        """The card again, and the car leaves."""
        await self.st.cmd("id", token=token)
        await self.st.event("lock", locked=False)
        await self.st.cmd("unplug")

    async def told(self):
        """Waits until the central system knows everything."""
        while (await self.st.state())["queue"]["tx"]:
            await asyncio.sleep(0.05)
        await self.csms.sync()

    async def session(self, watt_hours=300, token=ALICE):
        await self.begin(token)
        await self.delivered(watt_hours)
        await self.end(token)

    async def cut_at(self, operation):
        """Switches it on, and lets it charge one car after the other until the power fails at an operation of the flash.

        Returns how many of them it has charged, or begun to.
        """

        async def work():
            await self.registered()
            await self.configure(SETTINGS if self.ocpp == "1.6" else SETTINGS_201)
            while True:
                await self.session(50)

        await self.power_on(power_cut=operation, wait=False)
        assert await self.st.until_it_ends(work()) == POWER_CUT
        self._check_machine()
        return len(self.st.events.all("contactor", closed=True))

    @property
    def is_charging(self):
        """Whether the contactor was closed when something was heard of it last."""
        moves = self.st.events.all("contactor")
        return bool(moves) and moves[-1]["closed"]

    async def power_cut(self):
        """SIGKILL."""
        await self.st.kill()
        self._check_machine()

    async def power_off(self):
        """Says it may end, and what it does must be right."""
        with contextlib.suppress(CommandFailed):
            await self.st.cmd("stop_graceful")
        assert await self.st.exit_code() == 0
        self._check_machine()

    def _check_machine(self):
        assert not self.st.problems and not self.st.stderr, (self.st.problems, self.st.stderr)

    def check(self):
        """The books balance, and nothing went wrong on the wire."""
        assert not self.csms.problems, self.csms.problems
        self.csms.check()

    def print_trace(self):
        for kind, event in self.st.events.entries if self.st else ():
            print(kind, event)
        for who, frame in self.csms.frames:
            print(who, frame)


CSMS = {"1.6": Csms16, "2.0.1": Csms201, "both": CsmsBoth}


def scenario(*versions):
    """Plays a scenario in each of these versions."""
    def decorate(body):
        async def play(image, flash, ocpp, parameters):
            async with asyncio.timeout(60), CSMS[ocpp]() as csms:
                charger = Charger(csms, image, flash, ocpp)
                try:
                    await body(charger, **parameters)
                except BaseException:
                    charger.print_trace()
                    raise
                finally:
                    if charger.st is not None:
                        await charger.st.kill()
            charger.check()

        def test(charger_image, flashes, ocpp, **parameters):
            asyncio.run(play(charger_image, flashes.copy(), ocpp, parameters))

        names = ("charger_image", "flashes", "ocpp")
        fixtures = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in names]
        own = [p for name, p in inspect.signature(body).parameters.items() if name != "charger"]
        test.__signature__ = inspect.Signature([*fixtures, *own])
        test.__name__, test.__doc__, test.__module__ = body.__name__, body.__doc__, body.__module__
        return pytest.mark.parametrize("ocpp", versions)(test)

    return decorate
