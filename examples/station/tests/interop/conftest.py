"""The suite needs a station to talk to; without one there is nothing to test."""

import pytest

from harness.station import BINARY


def pytest_sessionstart():
    if not BINARY.exists():
        pytest.exit(f"no station at {BINARY}: run `cargo build -p station` or set STATION_BIN", returncode=2)
