"""Lets the power fail at every operation of the flash, one after the other, and says what became of the sessions.

    python tests/sweep.py IMAGE [--versions 1.6 2.0.1] [--last 120] [--step 1] [--jobs 2]

A machine with an erased flash starts, is configured, and charges one car after the other until the power fails at the
K-th word that is written or erased. It is started again, and when the central system has been told everything, its books
must balance. Then the next K.
"""

import argparse
import asyncio
import sys
import tempfile
from collections import Counter
from pathlib import Path

from charger import CSMS, Charger, CommandFailed
from qemu import new_flash


async def cut(image, flash, ocpp, operation):
    """One cut. Returns what there is to count."""
    async with asyncio.timeout(120), CSMS[ocpp]() as csms:
        charger = Charger(csms, image, flash, ocpp)
        try:
            begun = await charger.cut_at(operation)
            running = charger.is_charging
            await charger.boot()
            await charger.told()
            await charger.power_off()
        finally:
            if charger.st is not None:
                await charger.st.kill()
    charger.check()
    told = charger.books.transactions
    assert begun <= len(told) <= begun + 1, f"{begun} cars began to charge, but {len(told)} sessions were told"
    again = sum(times_told(tx) for tx in told)
    assert again <= 1, f"{again} messages were told again"
    return Counter(
        cuts=1,
        sessions=len(told),
        while_charging=running,
        power_loss=sum(tx.reason == "PowerLoss" for tx in told),
        again=again,
    )


def times_told(tx):
    """How often the start of a transaction came again (1.6), or any of its events (2.0.1)."""
    events = getattr(tx, "told", None)
    return len(tx.ids) - 1 if events is None else sum(events) - len(events)


async def sweep(image, ocpp, operations, jobs):
    queue, total, failed = list(reversed(operations)), Counter(), {}

    async def work(folder):
        while queue:
            operation = queue.pop()
            flash = new_flash(Path(folder) / f"flash{operation}")
            try:
                total.update(await cut(image, flash, ocpp, operation))
            except (AssertionError, CommandFailed, TimeoutError) as error:
                failed[operation] = str(error) or repr(error)
                print(f"{ocpp}, cut {operation}: {failed[operation][:400]}", file=sys.stderr, flush=True)
            flash.unlink()

    with tempfile.TemporaryDirectory() as folder:
        await asyncio.gather(*(work(folder) for _ in range(jobs)))
    return total, failed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("image", type=Path)
    parser.add_argument("--versions", nargs="+", default=["1.6", "2.0.1"])
    parser.add_argument("--last", type=int, default=120)
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    told = parser.parse_args()
    print("| version | cuts | while charging | sessions told | of them ended by the cut | messages told again | not balanced |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    bad = 0
    for ocpp in told.versions:
        operations = range(1, told.last + 1, told.step)
        total, failed = asyncio.run(sweep(told.image, ocpp, operations, told.jobs))
        counted = (total[name] for name in ("cuts", "while_charging", "sessions", "power_loss", "again"))
        print(f"| {ocpp} | {' | '.join(map(str, counted))} | {len(failed)} |", flush=True)
        bad += len(failed)
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
