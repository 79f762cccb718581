"""Machines that are gone when their test is over."""

import os
import shutil
from pathlib import Path

import pytest

from qemu import Flashes, Qemu

BOARD = Path(__file__).resolve().parents[1]
IMAGES = Path(os.environ.get("IMAGES", BOARD / "target" / "riscv32imac-unknown-none-elf" / "release")).resolve()


def pytest_sessionstart():
    if not all((IMAGES / image).exists() for image in ("selftest", "charger")):
        pytest.exit(f"no image in {IMAGES}: run `cargo build --release` or set IMAGES", returncode=2)
    if shutil.which("qemu-system-riscv32") is None:
        pytest.exit("no qemu-system-riscv32: install qemu-system-misc", returncode=2)


@pytest.fixture
def flashes(tmp_path):
    yield Flashes(tmp_path)
    for file in tmp_path.iterdir():
        file.unlink()


@pytest.fixture
def charger_image():
    return IMAGES / "charger"


@pytest.fixture
def machine(flashes, tmp_path):
    """A function that makes machines, not started yet; without a flash file they get an erased one."""
    machines = []

    def make(flash=None, image="selftest"):
        control = tmp_path / f"qmp{len(machines)}"
        machines.append(Qemu(IMAGES / image, flash or flashes.copy(), control))
        return machines[-1]

    yield make
    for each in machines:
        each.kill()
