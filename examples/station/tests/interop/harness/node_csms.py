"""The strict central system on Node, as a scenario sees it: remote-controlled over its stdio."""

import asyncio
import itertools
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

from .central import CallError, CentralSystem, StationCall
from .ledger import Ledger
from .ledger201 import Ledger201
from .log import GUARD

HERE = Path(__file__).resolve().parent.parent
SCRIPT = HERE / "csms.mjs"


def missing():
    """Why it cannot run here, or None."""
    if not (HERE / "node_modules" / "ocpp-rpc").is_dir():
        return "node_modules is missing: run `npm install` in this folder"
    return None if shutil.which("node") else "node is not installed"


class NodeCsms(CentralSystem):
    """Answers everything with Accepted; objects to everything that is not exactly its version."""

    subprotocol, book = "ocpp1.6", Ledger

    def __init__(self):
        super().__init__(self.book)
        self._now = datetime(2031, 3, 4, 10, 0, tzinfo=UTC)
        self._ids = itertools.count(1)
        self._answers = {}

    async def __aenter__(self):
        self._process = await asyncio.create_subprocess_exec(
            "node",
            str(SCRIPT),
            self.subprotocol,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=2**22,
        )
        # Starting Node is the one thing here that a busy machine makes slow.
        first = json.loads(await asyncio.wait_for(self._process.stdout.readline(), 3 * GUARD))
        self.url = f"ws://127.0.0.1:{first['listening']}/ocpp"
        self._reader = asyncio.create_task(self._read())
        self.now = self._now
        return self

    async def __aexit__(self, kind, *_):
        self._process.stdin.close()
        try:
            code = await asyncio.wait_for(self._process.wait(), GUARD)
        except TimeoutError:
            self._process.kill()
            raise
        await self._reader
        assert kind is not None or code == 0, f"the strict central system objects: {self.problems}"

    @property
    def now(self):
        return self._now

    @now.setter
    def now(self, time):
        self._now = time
        self._write({"now": time.isoformat().replace("+00:00", "Z")})

    async def call(self, action, **payload):
        id = next(self._ids)
        answer = self._answers[id] = asyncio.get_running_loop().create_future()
        self._write({"id": id, "call": action, "params": payload})
        message = await asyncio.wait_for(answer, GUARD)
        if "error" in message:
            raise CallError(message["error"]["code"], message["error"]["message"])
        return message["result"]

    def _write(self, message):
        self._process.stdin.write(json.dumps(message).encode() + b"\n")

    async def _read(self):
        async for line in self._process.stdout:
            message = json.loads(line)
            self.frames.append(("node", line.decode().strip()))
            if "violation" in message:
                self.problems.append(message["violation"])
            elif "connected" in message:
                self.presence.set(message["connected"])
            elif "told" in message:
                self._book(message["told"], message["params"], message["result"])
            elif answer := self._answers.pop(message["id"], None):
                answer.set_result(message)

    def _book(self, action, payload, result):
        call = StationCall(None, action, payload, self._now)
        if action == "BootNotification":
            self.registered = result["status"]
        elif action == "StartTransaction":
            assert self.ledger.start(call) == result["transactionId"]
        elif action == "StopTransaction":
            self.ledger.stop(call)
        elif action == "MeterValues":
            self.ledger.meter_values(call)
        self.log.push(action, call)

    async def sync(self):
        await self.call("GetConfiguration", key=["NumberOfConnectors"])


class NodeCsms201(NodeCsms):
    subprotocol, book = "ocpp2.0.1", Ledger201

    def _book(self, action, payload, result):
        call = StationCall(None, action, payload, self._now)
        if action == "BootNotification":
            self.registered = result["status"]
        elif action == "TransactionEvent":
            self.ledger.event(call)
        self.log.push(action, call)

    async def sync(self):
        await self.call("GetTransactionStatus")
