"""The station under test: a process that is driven over its control channel."""

import asyncio
import contextlib
import itertools
import json
import os
from pathlib import Path

from .log import GUARD, Log, fields

REPO = Path(__file__).resolve().parents[5]
BINARY = Path(os.environ.get("STATION_BIN", REPO / "target" / "debug" / "station"))

REBOOT_WANTED = 64


class CommandFailed(Exception):
    """The station answered a command with `ok: false`."""


class Station:
    """One run of the binary, from its start to its exit."""

    def __init__(self, *arguments):
        self.command = [str(BINARY), *(str(a) for a in arguments)]
        self.events = Log("station events", fields("evse", "connector"))
        self.problems = []
        self.stderr = b""
        self._process = None
        self._readers = []
        self._ids = itertools.count(1)
        self._replies = {}
        self._ended = False

    async def start(self):
        await self.launch()
        ready = await self.event("ready")
        assert ready["proto"] == 1, ready
        return self

    async def launch(self):
        self._process = await asyncio.create_subprocess_exec(
            *self.command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=2**22,
        )
        self._readers = [asyncio.create_task(self._read_stdout()), asyncio.create_task(self._read_stderr())]

    @property
    def running(self):
        return self._process is not None and self._process.returncode is None

    async def cmd(self, cmd, **arguments):
        """Give a command and return its reply; raises `CommandFailed` when it was refused."""
        reply = await self.send({"id": next(self._ids), "cmd": cmd, **arguments})
        if not reply["ok"]:
            raise CommandFailed(f"{cmd} {arguments}: {reply['error']}")
        return reply

    async def send(self, message):
        """Write a command line that carries an id of its own and return whatever answers it."""
        return await self.send_line(json.dumps(message), message["id"])

    async def send_line(self, line, answer_id):
        """Write a line as it is and return the reply with `answer_id` (None for a line without readable id)."""
        if self._ended:
            raise CommandFailed("the station has ended")
        answer = self._replies[answer_id] = asyncio.get_running_loop().create_future()
        self._process.stdin.write(line.encode() + b"\n")
        try:
            with contextlib.suppress(ConnectionError):
                await self._process.stdin.drain()
            # Many virtual hours may pass within one command.
            return await asyncio.wait_for(answer, 3 * GUARD)
        except TimeoutError:
            raise AssertionError(f"station: no reply to {line}") from None
        finally:
            self._replies.pop(answer_id, None)

    async def event(self, ev, **wanted):
        """The next event of that kind; see `Log.next`."""
        return await self.events.next(ev, **wanted)

    async def state(self):
        return (await self.cmd("state"))["state"]

    async def exit_code(self):
        """Wait until the station ends by itself."""
        try:
            return await asyncio.wait_for(self._process.wait(), GUARD)
        except TimeoutError:
            raise AssertionError("station: did not end") from None
        finally:
            await asyncio.gather(*self._readers)

    async def kill(self):
        """Pull the plug: SIGKILL, nothing is flushed."""
        if self.running:
            self._process.kill()
            await self._process.wait()
        await asyncio.gather(*self._readers)

    async def stop(self):
        """A clean end, by the command that exists for it."""
        await self.cmd("stop_graceful")
        assert await self.exit_code() == 0

    async def _read_stdout(self):
        async for line in self._process.stdout:
            try:
                message = json.loads(line)
            except ValueError:
                self.problems.append(f"stdout is not a JSON line: {line[:200]!r}")
                continue
            if "ev" in message:
                self.events.push(message["ev"], message)
            elif (answer := self._replies.get(message.get("id"))) and not answer.done():
                answer.set_result(message)
            else:
                self.problems.append(f"reply to no command: {line[:200]!r}")
        self._ended = True
        for answer in self._replies.values():
            if not answer.done():
                answer.set_exception(CommandFailed("the station has ended"))

    async def _read_stderr(self):
        self.stderr = await self._process.stderr.read()
        if b"panicked" in self.stderr:
            self.problems.append("the station panicked: " + self.stderr[-2000:].decode(errors="replace"))
