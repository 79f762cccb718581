"""The WebSocket link of evse-hal over real sockets: before Python's `websockets`, and before servers that lie, drip and cut.

The client is `evse-hal/examples/echo.rs`: it sends every message back. Real time guards against waiting for ever; what takes it
on purpose is what the link does by itself (a pong that does not come, an answer that does not end), one to two seconds.
"""

import asyncio
import base64
import contextlib
import hashlib
import os
from pathlib import Path

import pytest
from websockets.asyncio.server import basic_auth, serve
from websockets.exceptions import ConnectionClosedError
from websockets.frames import Frame, Opcode

from harness.station import REPO

BINARY = Path(os.environ.get("LINK_BIN", REPO / "target" / "debug" / "examples" / "echo"))
GUARD = 20


def run(test):
    """An async test that ends."""

    def wrapped():
        asyncio.run(asyncio.wait_for(test(), GUARD))

    wrapped.__name__ = test.__name__
    return wrapped


async def client(port, *options):
    assert BINARY.exists(), f"no {BINARY}: run `cargo build -p evse-hal --features link --example echo` or set LINK_BIN"
    return await asyncio.create_subprocess_exec(
        str(BINARY), f"ws://127.0.0.1:{port}/ocpp", *(options or ("CS 7/é",)), stdout=asyncio.subprocess.PIPE
    )


async def told(process):
    """All that the client has said when it ends."""
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out.decode().splitlines()


def port_of(server):
    return next(iter(server.sockets)).getsockname()[1]


async def served(handler, *options, **settings):
    """What the client tells of a visit to a server of `websockets`; what goes wrong in the handler is raised."""
    outcome = asyncio.get_running_loop().create_future()

    async def watched(connection):
        try:
            await handler(connection)
            outcome.set_result(None)
        except BaseException as error:
            outcome.set_exception(error)

    settings = {"subprotocols": ["ocpp1.6"], "compression": None, "max_size": None} | settings
    async with serve(watched, "127.0.0.1", 0, **settings) as server:
        lines = await told(await client(port_of(server), *options))
        if not lines[0].startswith("error"):
            await outcome
        return lines


@run
async def test_messages_of_every_size():
    sizes = [0, 1, 125, 126, 4095, 4096]

    async def handler(connection):
        assert connection.request.path == "/ocpp/CS%207%2F%C3%A9"
        assert connection.request.headers["Host"] == f"127.0.0.1:{connection.local_address[1]}"
        for size in sizes:
            text = ("äx" * size).encode()[: size - size % 3].decode()
            text += "y" * (size - len(text.encode()))
            await connection.send(text)
            assert await connection.recv() == text
        await connection.close()

    assert await served(handler) == ["online ocpp1.6", *(f"text {size}" for size in sizes), "closed", "offline"]


@run
async def test_a_megabyte_is_skipped_and_the_link_goes_on():
    async def handler(connection):
        await connection.send("a" * (1 << 20))
        assert await connection.recv() == "too large, begins with 4096 bytes"
        await connection.send(b"binary " * 10000)
        await connection.send("text")
        assert await connection.recv() == "text"

    assert await served(handler) == ["online ocpp1.6", "too large 4096", "text 4", "closed", "offline"]


@run
async def test_fragments_with_pings_between_them():
    async def handler(connection):
        async def fragments():
            for part in ["one ", "two ", "", "thrée"]:
                yield part
                latency = await connection.ping()
                assert await latency >= 0

        await connection.send(fragments())
        assert await connection.recv() == "one two thrée"

    assert await served(handler) == ["online ocpp1.6", "text 14", "closed", "offline"]


@run
async def test_compression_was_not_offered():
    async def handler(connection):
        assert "Sec-WebSocket-Extensions" not in connection.request.headers
        await connection.send("text")
        assert await connection.recv() == "text"

    assert (await served(handler, compression="deflate"))[-3:] == ["text 4", "closed", "offline"]


@run
async def test_the_client_closes():
    async def handler(connection):
        await connection.send("hang up")
        await connection.wait_closed()
        assert (connection.protocol.close_rcvd.code, connection.close_code) == (1000, 1000)

    assert await served(handler) == ["online ocpp1.6", "offline"]


@run
async def test_basic_authentication():
    async def handler(connection):
        assert connection.username == "CS-1"

    auth = basic_auth(credentials=("CS-1", "pässword of forty bytes, as OCPP allows"))
    lines = await served(handler, "CS-1", "pässword of forty bytes, as OCPP allows", process_request=auth)
    assert lines == ["online ocpp1.6", "closed", "offline"]
    for options in [("CS-1",), ("CS-1", "another"), ("CS-2", "pässword of forty bytes, as OCPP allows")]:
        assert await served(handler, *options, process_request=auth) == ["error Refused: Status(401)", "offline"]


@run
async def test_no_common_subprotocol():
    async def handler(connection):
        await connection.wait_closed()

    lines = await served(handler, subprotocols=["ocpp1.5"], select_subprotocol=lambda *_: None)
    assert lines == ["error Refused: Subprotocol", "offline"]


@run
async def test_pings_of_the_client():
    pings = 0

    async def handler(connection):
        nonlocal pings
        answer = connection.protocol.recv_frame

        def counted(frame):
            nonlocal pings
            pings += frame.opcode is Opcode.PING
            answer(frame)

        connection.protocol.recv_frame = counted
        while pings < 2:
            await asyncio.sleep(0.01)

    assert await served(handler, "CS-1", "", "1") == ["online ocpp1.6", "closed", "offline"]


@run
async def test_broken_text():
    async def handler(connection):
        connection.transport.write(Frame(Opcode.TEXT, b"\xff").serialize(mask=False))
        with pytest.raises(ConnectionClosedError):
            await connection.recv()
        assert connection.protocol.close_rcvd.code == 1007

    assert await served(handler) == ["online ocpp1.6", "error Other: Violation(1007)", "offline"]


async def raw(handler, *options):
    """What the client tells of a visit to a bare socket."""

    async def watched(reader, writer):
        with contextlib.suppress(ConnectionError):
            await handler(reader, writer)
        writer.transport.abort()

    server = await asyncio.start_server(watched, "127.0.0.1", 0)
    async with server:
        return await told(await client(port_of(server), *options))


async def accepted(reader):
    """A correct answer to the client's request."""
    request = (await reader.readuntil(b"\r\n\r\n")).decode()
    key = next(line.split(": ")[1] for line in request.split("\r\n") if line.startswith("Sec-WebSocket-Key"))
    proof = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest())
    head = "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nconnection: keep-alive, Upgrade\r\n"
    return f"{head}sec-websocket-protocol: ocpp2.0.1\r\nsec-websocket-accept: {proof.decode()}\r\n\r\n".encode()


CONVERSATION = b"\x01\x02he" + b"\x89\x01p" + b"\x80\x03llo" + b"\x81\x7f" + bytes(7) + b"\x02hi" + b"\x88\x02\x03\xe8"


@run
async def test_a_server_that_drips():
    heard = b""

    async def handler(reader, writer):
        nonlocal heard
        for byte in await accepted(reader) + CONVERSATION:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)
        heard = await reader.read(-1)

    lines = await raw(handler)
    assert heard[:2] == b"\x8a\x81", "the pong comes first"
    assert lines == ["online ocpp2.0.1", "text 5", "text 2", "closed", "offline"]


@run
async def test_a_server_that_cuts_anywhere():
    for cut in range(0, len(CONVERSATION) - 4, 2):

        async def handler(reader, writer):
            writer.write(await accepted(reader) + CONVERSATION[:cut])
            await writer.drain()

        lines = await raw(handler)
        assert lines[0] == "online ocpp2.0.1"
        assert lines[-2].startswith("error Closed: ") and lines[-1] == "offline", (cut, lines)


@run
async def test_a_server_that_dies_silently():
    async def handler(reader, writer):
        writer.write(await accepted(reader))
        await reader.read(-1)  # it reads pings, and does not answer

    assert await raw(handler, "CS-1", "", "1") == ["online ocpp2.0.1", "error Timeout: Timeout", "offline"]


@run
async def test_answers_that_lie():
    for change, error in [
        (lambda answer: answer.replace(b"101", b"200"), "Status(200)"),
        (lambda answer: answer.replace(b"sec-websocket-accept: ", b"sec-websocket-accept: x"), "Upgrade"),
        (lambda answer: answer.replace(b"ocpp2.0.1", b"ocpp9"), "Subprotocol"),
        (lambda answer: b"HTTP/1.1 101 x\r\n" + b"X: y\r\n" * 5000, "Upgrade"),
        (lambda answer: b"\x16\x03\x01" * 5000, "Upgrade"),
    ]:

        async def handler(reader, writer):
            writer.write(change(await accepted(reader)))
            await reader.read(-1)

        assert await raw(handler) == [f"error Refused: {error}", "offline"]


@run
async def test_an_answer_that_does_not_end():
    async def handler(reader, writer):
        writer.write((await accepted(reader))[:-2])
        await reader.read(-1)

    assert await raw(handler) == ["error Timeout: Timeout", "offline"]


@run
async def test_nobody_is_there():
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = port_of(server)
    server.close()
    await server.wait_closed()
    lines = await told(await client(port))
    assert lines == ["error Unreachable: Dial(ConnectionRefused)", "offline"]
