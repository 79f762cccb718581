"""TCP through QEMU's user network to a server on the host's loopback."""

import socketserver
import threading

import pytest


class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            if line == b"end\n":
                return
            self.wfile.write(line)


@pytest.fixture
def port():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def connected(machine, port, **options):
    board = machine()
    board.ready(**options)
    assert board.expect("link") == "up"
    board.ask(f"connect {port}")
    return board


def test_lines_come_back(machine, port):
    board = connected(machine, port)
    assert board.ask("echo hello") == "hello"
    # More than the card has buffers for.
    for number in range(40):
        line = f"{number}:" + "x" * 480
        assert board.ask(f"echo {line}") == line


def test_asks_for_an_address(machine, port):
    board = connected(machine, port, address="dhcp")
    assert board.ask("echo hello") == "hello"


def test_the_host_hangs_up_and_is_called_again(machine, port):
    board = connected(machine, port)
    board.send("echo end")
    assert board.expect("error") == "the host has closed the connection"
    board.ask("close")
    board.ask(f"connect {port}")
    assert board.ask("echo again") == "again"


def test_nobody_listens(machine, port):
    board = connected(machine, port)
    board.ask("close")
    board.send("connect 1")
    assert board.expect("error").startswith("connect: ")


def test_a_connection_outlives_a_pulled_cable(machine, port):
    board = connected(machine, port)
    assert board.ask("echo before") == "before"
    board.set_link(False)
    assert board.expect("link") == "down"
    board.send("echo meanwhile")
    board.set_link(True)
    assert board.expect("link") == "up"
    assert board.expect("echo") == "meanwhile"


def test_sleeps_with_a_connection_open(machine, port):
    board = connected(machine, port)
    board.ask("echo hello")
    idle = board.fields("idle 3000")
    assert idle["wake_ups"] <= 5, idle
    assert idle["asleep_us"] > 0.95 * idle["us"], idle
