"""Charges a simulated car with the charger of this board, at a central system in this file, and shows it.

    scripts/qemu --demo [--ocpp 1.6|2.0.1]

It needs nothing but Python: the central system says yes to everything, over a WebSocket just good enough for that.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha1
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent / "tests"))

from qemu import command_line, new_flash  # noqa: E402

TOKEN = "04A2B3C4D5E680"
# How long it charges, and how long anything else may take, in seconds.
CHARGING, PATIENCE = 12, 20
ACCEPTED = {"status": "Accepted"}


class Demo:
    def __init__(self, ocpp):
        self.protocol = f"ocpp{ocpp}"
        self.started = time.monotonic()
        self.session = {}
        self.messages, self.changed = [], asyncio.Condition()

    def show(self, who, text):
        print(f"{time.monotonic() - self.started:6.2f} s  {who:<8} {text}", flush=True)

    # The central system.

    async def serve(self, reader, writer):
        """One connection, from the handshake to its end."""
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = dict(line.lower().split(": ", 1) for line in request.splitlines()[1:] if line)
        key = next(line.split(": ", 1)[1] for line in request.splitlines() if line.lower().startswith("sec-websocket-key"))
        if self.protocol not in headers["sec-websocket-protocol"]:
            return writer.close()
        accept = b64encode(sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()).decode()
        writer.write(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: {self.protocol}\r\n\r\n".encode()
        )
        while (text := await receive(reader)) is not None:
            kind, id, *rest = json.loads(text)
            if kind == 2:
                self.show("charger", f"{rest[0]} {brief(rest[1])}")
                answer = json.dumps([3, id, self.answer(*rest)]).encode()
                head = bytes([0x81, len(answer)]) if len(answer) < 126 else b"\x81\x7e" + len(answer).to_bytes(2)
                writer.write(head + answer)
                await writer.drain()
        writer.close()

    def answer(self, action, call):
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        match action:
            case "BootNotification":
                return {**ACCEPTED, "currentTime": now, "interval": 300}
            case "Heartbeat":
                return {"currentTime": now}
            case "Authorize":
                return {"idTagInfo": ACCEPTED} if "idTag" in call else {"idTokenInfo": ACCEPTED}
            case "StartTransaction":
                self.session["begin"] = call["meterStart"]
                return {"transactionId": 1, "idTagInfo": ACCEPTED}
            case "StopTransaction":
                self.session["end"] = call["meterStop"]
            case "TransactionEvent":
                self.note(call)
        return {}

    def note(self, call):
        """Reads the register that a TransactionEvent tells at the begin and the end."""
        for value in call.get("meterValue", ()):
            for sample in value["sampledValue"]:
                if sample.get("measurand", "Energy.Active.Import.Register") == "Energy.Active.Import.Register":
                    context = sample.get("context", "Sample.Periodic")
                    self.session.setdefault("begin", sample["value"])
                    if call["eventType"] == "Ended" and context == "Transaction.End":
                        self.session["end"] = sample["value"]

    # The machine, over its serial line.

    async def command(self, cmd, **arguments):
        line = json.dumps({"id": cmd, "cmd": cmd, **arguments})
        self.machine.stdin.write(line.encode() + b"\n")
        return await self.expect(lambda message: message.get("id") == cmd)

    async def expect(self, wanted):
        """The first line that was not asked for yet and is like that: an answer may come after what it brings about."""
        async with asyncio.timeout(PATIENCE), self.changed:
            while (found := next(filter(wanted, self.messages), None)) is None:
                await self.changed.wait()
            self.messages.remove(found)
        assert found.get("ok", True), found
        return found

    async def event(self, kind, **fields):
        wanted = {"ev": kind, **fields}
        return await self.expect(lambda message: wanted.items() <= message.items())

    async def listen(self):
        async for line in self.machine.stdout:
            try:
                message = json.loads(line)
            except ValueError:
                message = {"ev": "text"}
                self.show("machine", line.decode(errors="replace").strip())
            if message.get("ev") in ("contactor", "lock", "status", "reboot"):
                self.show("socket", " ".join(str(value) for name, value in message.items() if name not in ("evse", "connector")))
            async with self.changed:
                self.messages.append(message)
                self.changed.notify_all()

    async def play(self, image, folder):
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        url = f"ws://10.0.2.2:{server.sockets[0].getsockname()[1]}/ocpp"
        command = command_line(image, new_flash(folder / "flash"), folder / "qmp", csms=url, id="DEMO-1", register=1234567)
        pipe = asyncio.subprocess.PIPE
        self.machine = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
        listening = asyncio.create_task(self.listen())
        try:
            ready = await self.event("ready")
            await self.event("registered", status="Accepted")
            connected = (await self.command("info"))["up_ms"]
            for key in ("StopTxnSampledData", "SampledDataCtrlr.TxEndedMeasurands"):
                await self.command("local_config", key=key, value="Energy.Active.Import.Register")
            self.show("you", "plug a car in and hold a card before the reader")
            await self.command("plug")
            await self.command("id", token=TOKEN)
            await self.event("contactor", closed=True)
            before = await self.command("info")
            await asyncio.sleep(CHARGING)
            during = await self.command("info")
            self.show("you", "hold the card again and pull the plug")
            await self.command("id", token=TOKEN)
            await self.event("lock", locked=False)
            await self.command("unplug")
            async with asyncio.timeout(PATIENCE):
                while "end" not in self.session or (await self.command("state"))["state"]["queue"]["tx"]:
                    await asyncio.sleep(0.1)
            info = await self.command("info")
            self.machine.stdin.write(b'{"cmd":"stop_graceful"}\n')
            assert await self.machine.wait() == 0, "the machine ended with an error"
        finally:
            if self.machine.returncode is None:
                self.machine.kill()
                await self.machine.wait()
            await listening
            server.close()
        self.summary(ready, connected, before, during, info)

    def summary(self, ready, connected, before, during, info):
        seconds = (during["up_ms"] - before["up_ms"]) / 1000
        awake = 100 - (during["asleep_ms"] - before["asleep_ms"]) / seconds / 10
        energy = self.session["end"] - self.session["begin"]
        print(f"""
energy told       {energy:g} Wh in {seconds:.0f} s, by {self.protocol}
listening after   {ready["ms"]} ms, registered after {connected} ms
image             {info["image"]:,} bytes
static memory     {info["data"] + info["bss"]:,} bytes, and no heap
stack at most     {info["stack_used"]:,} bytes
while charging    {(during["wake_ups"] - before["wake_ups"]) / seconds:.1f} wake-ups a second, {awake:.2f} % of the time awake
words of flash    {info["flash_operations"]} written or erased""")


async def receive(reader):
    """The next text message of a client; `None` when it leaves. The charger sends whole messages."""
    while True:
        try:
            first, length = await reader.readexactly(2)
            length &= 0x7F
            if length > 125:
                length = int.from_bytes(await reader.readexactly(2 if length == 126 else 8))
            mask = await reader.readexactly(4)
            data = bytes(byte ^ mask[at % 4] for at, byte in enumerate(await reader.readexactly(length)))
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        match first & 0x0F:
            case 1:
                return data.decode()
            case 8:
                return None


def brief(call):
    """What is worth reading of a message."""
    text = json.dumps(call, separators=(",", ":"))
    return text if len(text) <= 100 else text[:97] + "..."


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("image", type=Path)
    parser.add_argument("--ocpp", choices=("1.6", "2.0.1"), default="2.0.1", help="what the central system speaks")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(Demo(told.ocpp).play(told.image, Path(folder)))


if __name__ == "__main__":
    main()
