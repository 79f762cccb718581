"""Start, end, time, entropy, the serial line, and what guards the machine."""

import time

from qemu import CRASHED

# Measured: 1, the end of the pause itself, or 2 with a connection that was just used.
WAKE_UPS = 5


def test_starts_and_ends_with_a_code(machine):
    board = machine()
    assert board.ready().startswith("starts=1 ")
    board.send("exit 7")
    assert board.exit_code() == 7
    board.ready()
    board.send("exit 0")
    assert board.exit_code() == 0


def test_fits_where_it_is_said_to_fit(machine):
    board = machine()
    board.ready()
    board.ask("time")
    board.ask("put 1 something")
    info = board.fields("info")
    assert info["image"] < 140_000, info
    assert info["data"] + info["bss"] < 24_000, info
    assert info["stack_used"] < 10_500, info
    assert info["stack"] > 400_000, info


def test_restarts_by_itself(machine):
    board = machine()
    assert board.ready().startswith("starts=1 ")
    board.send("reboot")
    assert board.expect("ready").startswith("starts=2 ")


def test_is_told_by_the_command_line(machine):
    board = machine()
    board.ready(csms="ws://10.0.2.2:80/ocpp?a=b", station_id="CP1")
    assert board.ask("option csms") == 'Some("ws://10.0.2.2:80/ocpp?a=b")'
    assert board.ask("option station-id") == 'Some("CP1")'
    assert board.ask("option cs") == "None"


def test_entropy_differs_between_starts(machine):
    board = machine()
    seen = set()
    for _ in range(3):
        board.ready()
        seen |= {board.ask("entropy"), board.ask("entropy")}
        board.kill()
    assert len(seen) == 6
    assert all(len(set(bytes.fromhex(entropy))) > 8 for entropy in seen)


def test_knows_the_time_of_day(machine):
    board = machine()
    board.ready()
    assert abs(int(board.ask("time")) / 1000 - time.time()) < 5


def test_time_of_day_can_be_set(machine):
    board = machine()
    board.ready()
    to = 1_900_000_000_000
    assert 0 <= int(board.ask(f"time {to}")) - to < 5000
    assert 0 <= int(board.ask("time")) - to < 5000


def test_sleeps_when_idle(machine):
    board = machine()
    board.ready()
    board.expect("link")
    idle = board.fields("idle 3000")
    assert idle["us"] >= 3_000_000
    assert idle["wake_ups"] <= WAKE_UPS, idle
    assert idle["asleep_us"] > 0.95 * idle["us"], idle


def test_no_line_is_lost_however_fast_they_come(machine):
    board = machine()
    board.ready()
    count = 300
    for number in range(count):
        board.send(f"option {number}-{'x' * 40}")
    for _ in range(count):
        assert board.expect("option") == "None"


def test_lines_that_nobody_understands(machine):
    board = machine()
    board.ready()
    for line in ("nonsense", "exit 256", "put", "word x", "x" * 513, "x" * 5000):
        board.send(line)
        assert board.expect("error")
    board.send("option " + "x" * 505)
    assert board.expect("option") == "None"


def test_a_program_that_hangs_is_restarted(machine):
    board = machine()
    board.ready()
    fed = int(board.ask("hang").removeprefix("after_ms="))
    bitten = int(board.expect("watchdog:").removeprefix("reset after ").removesuffix(" ms"))
    assert bitten >= fed >= 400
    assert board.expect("ready").startswith("starts=2 ")


def test_a_panic_ends_the_machine(machine):
    board = machine()
    board.ready()
    board.send("panic")
    board.expect("panicked")
    assert board.exit_code() == CRASHED


def test_a_stack_that_overflows_meets_the_guard(machine):
    board = machine()
    board.ready()
    board.send("overflow")
    # 7: a store where none is allowed.
    assert board.expect("trap:").startswith("cause 7,")
    assert board.exit_code() == CRASHED
