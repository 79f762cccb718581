"""`kill -9` at a random moment of a session; the books of the CSMS balance all the same.

`KILLS` says how many moments are tried in each version (10 if it is not set). The moment is random in two ways: the step of the
session is, and so is how far the station has come with it when the signal arrives. A failure names the seed that chose the
step; the rest is the machine's.
"""

import asyncio
import contextlib
import os
import random

import pytest

from harness.csms import ALICE, BOB
from harness.csms201 import Csms201
from harness.station import CommandFailed
from harness.world import POWER_W, WH_PER_MINUTE, scenario
from harness.world201 import ENERGY, World201

KILLS = int(os.environ.get("KILLS", "10"))
SEEDS = pytest.mark.parametrize("seed", range(KILLS))

# A session of five minutes, as the commands that make it.
SESSION = [
    ("plug", {"evse": 1}),
    ("id", {"evse": 1, "token": ALICE}),
    *[("clock", {"advance_s": 20, "hold": True})] * 15,
    ("id", {"evse": 1, "token": ALICE}),
    ("unplug", {"evse": 1}),
]


async def killed_in_mid_session(w, seed):
    """Play the session and pull the plug while one of its commands is carried out; returns how many minutes it charged."""
    chance = random.Random(seed)
    fatal = chance.randrange(len(SESSION))
    await w.st.cmd("meter", evse=1, power_w=POWER_W)
    for cmd, arguments in SESSION[:fatal]:
        await play(w, cmd, arguments)
    last = asyncio.create_task(play(w, *SESSION[fatal]))
    # How far it gets is up to the machine.
    await asyncio.wait([last], timeout=chance.random() * 0.02)
    await w.power_cut()
    with contextlib.suppress(CommandFailed, AssertionError):
        await last
    return sum(cmd == "clock" for cmd, _ in SESSION[: fatal + 1]) / 3


async def play(w, cmd, arguments):
    if cmd == "clock":
        await w.advance(arguments["advance_s"])
    else:
        await w.st.cmd(cmd, **arguments)


async def books_balance(w, minutes):
    """After a restart everything is told: of the session's energy at most the last minute is missing. The next is whole."""
    await w.boot()
    await w.settle()
    told = sum(tx.energy for tx in w.csms.ledger.transactions if not tx.open)
    assert told <= minutes * WH_PER_MINUTE + 30, f"{told} Wh told of {minutes:.1f} minutes"
    assert told >= (minutes - 1) * WH_PER_MINUTE - WH_PER_MINUTE / 3 - 30, f"{told} Wh told of {minutes:.1f} minutes"
    await drive_away(w)
    await w.st.cmd("plug")
    await w.tap(BOB)
    await w.advance(120)
    await w.tap(BOB)
    await drive_away(w)
    last = w.csms.ledger.transactions[-1]
    assert last.tag == BOB
    assert abs(last.energy - 2 * WH_PER_MINUTE) <= 30


async def drive_away(w):
    """Whatever the station did with the car: a locked cable is pulled at the car's end first."""
    await w.settle()
    await w.st.cmd("unplug", side="ev")
    await w.settle()
    await w.st.cmd("unplug")
    await w.settle()


@SEEDS
@scenario(settings={"MeterValueSampleInterval": "60"})
async def test_kill_in_1_6(w, seed):
    await books_balance(w, await killed_in_mid_session(w, seed))


@SEEDS
@scenario(
    csms=Csms201,
    world=World201,
    settings={"SampledDataCtrlr.TxUpdatedInterval": "60", "SampledDataCtrlr.TxStartedMeasurands": ENERGY},
)
async def test_kill_in_2_0_1(w, seed):
    await books_balance(w, await killed_in_mid_session(w, seed))
