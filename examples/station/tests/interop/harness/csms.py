"""A central system on the PyPI package `ocpp`: it answers, checks, keeps books and misbehaves on demand."""

import asyncio
import itertools
import json
import logging
from base64 import b64decode
from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from datetime import UTC, datetime
from types import ModuleType

import ocpp.messages
from ocpp.charge_point import camel_to_snake_case, remove_nones, serialize_as_dict, snake_to_camel_case
from ocpp.exceptions import OCPPError
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


@dataclass(frozen=True)
class Version:
    """How one version is spoken: the package's messages, what is answered, and what shows that all has arrived."""

    number: str
    peer: type
    messages: ModuleType
    ledger: type
    probe: tuple

    @property
    def subprotocol(self):
        return f"ocpp{self.number}"


class Link:
    """The connection as `Peer` sees it. Every frame passes here, to be recorded, checked, or withheld."""

    def __init__(self, csms, ws, version):
        self.csms, self.ws, self.version = csms, ws, version
        self.wire = Wire(csms.problems, version.number)
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
                if action == "TransactionEvent":
                    self.csms.books["2.0.1"].event(self.calls[id])
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
            try:
                await self.transmit(text)
            except ConnectionClosed:
                # The station has gone and will tell it again; what else it had said still counts.
                return
            if kind == RESULT:
                self.csms.answered(call, rest[0])
        self.csms.log.push(call.action, call)

    async def transmit(self, frame, **options):
        self.csms.frames.append(("csms", frame))
        await self.ws.send(frame, **options)


class Csms(CentralSystem):
    """The central system. Its knobs may be turned at any time."""

    # What it speaks; the first one that the station offers is picked.
    versions = ()

    def __init__(self):
        super().__init__(self.versions[0].ledger)
        # One book for each version: they are of different central systems as far as the station knows.
        self.books = {v.number: v.ledger(self.problems) for v in self.versions[1:]}
        self.books[self.versions[0].number] = self.ledger
        self.now = datetime(2031, 3, 4, 10, 0, tzinfo=UTC)
        # How the current time is written.
        self.time_zone = UTC
        # Verdicts on BootNotification with their intervals; the last one stays.
        self.verdicts = deque([("Accepted", 86400)])
        self.tags = {t.casefold(): Tag() for t in (ALICE, BOB)}
        # Token -> status in the answer to the start of a transaction, where it differs from that to Authorize.
        self.start_status = {}
        # Per action: how many replies to withhold, CALLERROR codes to answer with, payloads to answer with as they are.
        self.drop = Counter()
        self.fail = defaultdict(deque)
        self.answer = defaultdict(deque)
        self.on_data_transfer = lambda _: {"status": "UnknownVendorId"}
        # HTTP status to refuse connections with, and the subprotocols to agree on.
        self.refuse = None
        self.subprotocols = [v.subprotocol for v in self.versions]

        # What was withheld, and when which path was dialled.
        self.dropped = []
        self.dials = []
        # What the Basic headers said.
        self.passwords = []
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
        request = getattr(self._link.version.messages, action)(**camel_to_snake_case(payload))
        try:
            answer = await self._peer.call(request, suppress=False)
        except OCPPError as e:
            raise CallError(e.code, e.description) from None
        except TimeoutError:
            raise AssertionError(f"no answer to {action} {payload}") from None
        return snake_to_camel_case(remove_nones(serialize_as_dict(answer)))

    def check(self):
        for book in self.books.values():
            book.check()

    async def sync(self):
        action, payload = self._link.version.probe
        await self.call(action, **payload)

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
            self._last_status[outlet(call)] = {**call, "timestamp": None}
        self.books[self._link.version.number].answered(call, self.connections)

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
            known = self._last_status.pop(outlet(payload), None)
            if known == {**payload, "timestamp": None} and not requested:
                self.problems.append(f"a status that was told before: {payload}")

    def _admit(self, connection, request):
        self.dials.append((request.path, self.now))
        scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
        if scheme == "Basic":
            self.passwords.append(b64decode(credentials).decode(errors="replace"))
        return connection.respond(self.refuse, "refused by the scenario\n") if self.refuse else None

    def _select(self, _, offered):
        return next((s for s in self.subprotocols if s in offered), None)

    async def _serve(self, ws):
        version = next((v for v in self.versions if v.subprotocol == ws.subprotocol), self.versions[0])
        link = Link(self, ws, version)
        peer = version.peer(self, link)
        self.connections += 1
        self._last_status.clear()
        self._enter(link, peer)
        answering = asyncio.create_task(self._answer(peer))
        try:
            await link.listen()
        except ConnectionClosed:
            pass
        finally:
            # What came before the end of the connection has come.
            while not (link.heard.empty() or answering.done()):
                await asyncio.sleep(0)
            await asyncio.sleep(0)
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


def outlet(status):
    """What a StatusNotification is about."""
    return status.get("evseId"), status.get("connectorId")
