"""A 1.6 central system on the PyPI package `ocpp`: it answers, checks, keeps books and misbehaves on demand."""

import asyncio
import itertools
import json
import logging
from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from datetime import UTC, datetime

import ocpp.messages
from ocpp.charge_point import camel_to_snake_case, remove_nones, serialize_as_dict, snake_to_camel_case
from ocpp.exceptions import OCPPError
from ocpp.routing import on
from ocpp.v16 import ChargePoint, call, call_result
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from .central import CallError, CentralSystem, StationCall
from .check import CALL, ERROR, RESULT, Wire
from .log import GUARD

# Validation here costs microseconds; a thread for it would only reorder things.
ocpp.messages.ASYNC_VALIDATION = False
logging.getLogger("ocpp").setLevel(logging.CRITICAL)
logging.getLogger("websockets").setLevel(logging.CRITICAL)

ON_PURPOSE = "the scenario wants it so"
ALICE, BOB, MALLORY = "ALICE-01", "BOB-02", "MALLORY-03"


@dataclass
class Tag:
    status: str = "Accepted"
    expiry: datetime | None = None
    parent: str | None = None

    def info(self, status=None):
        info = {"status": status or self.status, "expiry_date": self.expiry and self.expiry.isoformat()}
        return remove_nones({**info, "parent_id_tag": self.parent})


class Peer(ChargePoint):
    """What is answered to each action of the station, within one connection."""

    def __init__(self, csms, link):
        super().__init__("station", link, response_timeout=GUARD)
        self.csms = csms

    @on("BootNotification")
    def on_boot(self, **_):
        status, interval = self.csms.next_verdict()
        return call_result.BootNotification(current_time=self.csms.time_text, interval=interval, status=status)

    @on("Heartbeat")
    def on_heartbeat(self):
        return call_result.Heartbeat(current_time=self.csms.time_text)

    @on("Authorize")
    def on_authorize(self, id_tag):
        return call_result.Authorize(id_tag_info=self.csms.tag(id_tag).info())

    @on("StartTransaction")
    def on_start(self, call_unique_id, id_tag, **_):
        csms = self.csms
        id = csms.ledger.start(csms.calls[call_unique_id])
        return call_result.StartTransaction(id, csms.tag(id_tag).info(csms.start_status.get(id_tag.casefold())))

    @on("StopTransaction")
    def on_stop(self, call_unique_id, id_tag=None, **_):
        self.csms.ledger.stop(self.csms.calls[call_unique_id])
        return call_result.StopTransaction(id_tag_info=id_tag and self.csms.tag(id_tag).info())

    @on("MeterValues")
    def on_meter_values(self, call_unique_id, **_):
        self.csms.ledger.meter_values(self.csms.calls[call_unique_id])
        return call_result.MeterValues()

    @on("DataTransfer")
    def on_data_transfer(self, **payload):
        return call_result.DataTransfer(**self.csms.on_data_transfer(payload))

    @on("StatusNotification")
    def on_status(self, **_):
        return call_result.StatusNotification()

    @on("DiagnosticsStatusNotification")
    def on_diagnostics_status(self, **_):
        return call_result.DiagnosticsStatusNotification()

    @on("FirmwareStatusNotification")
    def on_firmware_status(self, **_):
        return call_result.FirmwareStatusNotification()

    @on("SecurityEventNotification")
    def on_security_event(self, **_):
        return call_result.SecurityEventNotification()


class Link:
    """The connection as `Peer` sees it. Every frame passes here, to be recorded, checked, or withheld."""

    def __init__(self, csms, ws):
        self.csms, self.ws = csms, ws
        self.wire = Wire(csms.problems)
        self.heard = asyncio.Queue()
        self.calls = {}

    async def listen(self):
        """Take in what the station sends, at once: so it shows if it does not wait for its turn."""
        async for text in self.ws:
            self.csms.frames.append(("station", text))
            frame = self.wire.inbound(text, self.csms.now)
            if frame is None:
                continue
            if frame[0] == CALL:
                self.csms.check_turn(*frame[2:])
            elif self.csms.resolve(frame):
                continue
            self.heard.put_nowait((text, frame))

    async def recv(self):
        """The next frame that `Peer` has to see to; the scenario may have something else in mind for it."""
        while True:
            text, frame = await self.heard.get()
            if frame[0] != CALL:
                return text
            _, id, action, payload = frame
            self.calls[id] = self.csms.calls[id] = StationCall(id, action, payload, self.csms.now)
            if self.csms.fail[action]:
                code = self.csms.fail[action].popleft()
                await self.send(json.dumps([ERROR, id, code, ON_PURPOSE, {}]))
            elif self.csms.answer[action]:
                await self.send(f"[{RESULT},{json.dumps(id)},{self.csms.answer[action].popleft()}]")
            else:
                return text

    async def send(self, text):
        kind, id, *rest = json.loads(text)
        if kind == CALL:
            self.wire.asked(id, rest[0])
            return await self.transmit(text)
        call = self.calls.pop(id)
        self.wire.answered(id)
        if kind == ERROR and rest[1] != ON_PURPOSE:
            self.csms.problems.append(f"the central system cannot take {call.action} {dict(call)}: {rest}")
        if self.csms.drop[call.action] > 0:
            self.csms.drop[call.action] -= 1
            self.csms.dropped.append(text)
        else:
            await self.transmit(text)
            if kind == RESULT:
                self.csms.answered(call, rest[0])
        self.csms.log.push(call.action, call)

    async def transmit(self, frame, **options):
        self.csms.frames.append(("csms", frame))
        await self.ws.send(frame, **options)


class Csms16(CentralSystem):
    """The central system. Its knobs may be turned at any time."""

    def __init__(self):
        super().__init__()
        self.now = datetime(2031, 3, 4, 10, 0, tzinfo=UTC)
        # How the current time is written.
        self.time_zone = UTC
        # Verdicts on BootNotification with their intervals; the last one stays.
        self.verdicts = deque([("Accepted", 86400)])
        self.tags = {t.casefold(): Tag() for t in (ALICE, BOB)}
        # Token -> status in StartTransaction.conf, where it differs from Authorize.conf.
        self.start_status = {}
        # Per action: how many replies to withhold, CALLERROR codes to answer with, payloads to answer with as they are.
        self.drop = Counter()
        self.fail = defaultdict(deque)
        self.answer = defaultdict(deque)
        self.on_data_transfer = lambda _: {"status": "UnknownVendorId"}
        # HTTP status to refuse connections with, and the subprotocols to agree on.
        self.refuse = None
        self.subprotocols = ["ocpp1.6"]

        # What was withheld, and when which path was dialled.
        self.dropped = []
        self.dials = []
        self.calls = {}
        self.connections = 0
        self._requested = set()
        self._last_status = {}
        self._raw = {}
        self._raw_ids = (f"raw-{n}" for n in itertools.count(1))
        self._link = self._peer = None

    async def __aenter__(self):
        self._server = await serve(
            self._serve,
            "127.0.0.1",
            0,
            process_request=self._admit,
            select_subprotocol=self._select,
            ping_interval=None,
            max_size=None,
        )
        self.url = f"ws://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/ocpp"
        return self

    async def __aexit__(self, *_):
        await self.cut()
        self._server.close()
        await self._server.wait_closed()

    # What the scenarios use.

    async def cut(self):
        """Tear the TCP connection down, without a closing handshake."""
        if self._link:
            self._link.ws.transport.abort()
            await self.disconnection()

    async def call(self, action, **payload):
        if action.endswith("TriggerMessage"):
            self._requested.add(payload["requestedMessage"])
        request = getattr(call, action)(**camel_to_snake_case(payload))
        try:
            answer = await self._peer.call(request, suppress=False)
        except OCPPError as e:
            raise CallError(e.code, e.description) from None
        except TimeoutError:
            raise AssertionError(f"no answer to {action} {payload}") from None
        return snake_to_camel_case(remove_nones(serialize_as_dict(answer)))

    async def raw(self, frame, **options):
        """Send a frame as it is. The station should not react."""
        await self._link.transmit(frame, **options)

    async def ask(self, template, action=None, *, id=None, ensure_ascii=True, fragments=None):
        """Send a frame whose id is written `%id`, well-formed or not, and return the frame that answers it.

        With an action, a result is checked to be one of that action.
        """
        id = id or next(self._raw_ids)
        answer = self._raw[id] = asyncio.get_running_loop().create_future()
        self._link.wire.asked(id, action)
        text = template.replace("%id", json.dumps(id, ensure_ascii=ensure_ascii)[1:-1])
        pieces = [text[n : n + fragments] for n in range(0, len(text), fragments)] if fragments else text
        await self._link.transmit(pieces)
        try:
            return await asyncio.wait_for(answer, GUARD)
        except TimeoutError:
            raise AssertionError(f"no answer to {template[:200]}") from None

    async def alive(self):
        """Whether the station answers on this connection, or has left it after what it read last."""
        answer, farewell = asyncio.create_task(self.sync()), asyncio.create_task(self.disconnection())
        await asyncio.wait({answer, farewell}, return_when=asyncio.FIRST_COMPLETED)
        answer.cancel(), farewell.cancel()
        return not farewell.done()

    # What the other parts of the harness use.

    def tag(self, token):
        return self.tags.get(token.casefold(), Tag("Invalid"))

    @property
    def time_text(self):
        return self.now.astimezone(self.time_zone).isoformat(timespec="milliseconds")

    def next_verdict(self):
        return self.verdicts.popleft() if len(self.verdicts) > 1 else self.verdicts[0]

    def answered(self, call, payload):
        """The answer is on its way to the station."""
        if call.action == "BootNotification":
            self.registered = payload["status"]
            self._last_status.clear()
        if call.action == "StatusNotification":
            self._last_status[call["connectorId"]] = {**call, "timestamp": None}
        self.ledger.answered(call, self.connections)

    def resolve(self, frame):
        """Hand an answer to whoever asked with a raw frame."""
        answer = self._raw.pop(frame[1], None)
        if answer and not answer.done():
            answer.set_result(frame)
        return answer is not None

    def check_turn(self, action, payload):
        """Whether the station may say this now."""
        requested = action in self._requested
        allowed = self.registered == "Accepted" or (self.registered == "Pending" and requested)
        if action != "BootNotification" and not allowed:
            self.problems.append(f"{action} while registration is {self.registered}")
        if action == "StatusNotification":
            known = self._last_status.pop(payload.get("connectorId"), None)
            if known == {**payload, "timestamp": None} and not requested:
                self.problems.append(f"a status that was told before: {payload}")

    def _admit(self, connection, request):
        self.dials.append((request.path, self.now))
        return connection.respond(self.refuse, "refused by the scenario\n") if self.refuse else None

    def _select(self, _, offered):
        return next((s for s in self.subprotocols if s in offered), None)

    async def _serve(self, ws):
        link = Link(self, ws)
        peer = Peer(self, link)
        self.connections += 1
        self._last_status.clear()
        self._enter(link, peer)
        answering = asyncio.create_task(self._answer(peer))
        try:
            await link.listen()
        except ConnectionClosed:
            pass
        finally:
            answering.cancel()
            if self._link is link:
                self._enter(None, None)

    async def _answer(self, peer):
        try:
            await peer.start()
        except ConnectionClosed:
            pass
        except Exception as e:
            self.problems.append(f"the central system itself failed: {e!r}")

    def _enter(self, link, peer):
        self._link, self._peer = link, peer
        self.presence.set(link is not None)
