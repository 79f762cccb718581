"""What every frame of the station must satisfy: OCPP-J framing, the official schemas, plain sense."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from ocpp.messages import get_validator

CALL, RESULT, ERROR = 2, 3, 4

# The official spellings of each version, slips included.
EITHER = {
    "NotImplemented",
    "NotSupported",
    "InternalError",
    "ProtocolError",
    "SecurityError",
    "PropertyConstraintViolation",
    "TypeConstraintViolation",
    "GenericError",
}
ERROR_CODES = {
    "1.6": EITHER | {"FormationViolation", "OccurenceConstraintViolation"},
    "2.0.1": EITHER
    | {"FormatViolation", "OccurrenceConstraintViolation", "MessageTypeNotSupported", "RpcFrameworkError"},
}
# The id of an answer to what has none (2.0.1).
NO_ID = "-1"

STATION_STATUSES = {"Available", "Unavailable", "Faulted"}
EV_ERROR_STATUSES = {"Preparing", "SuspendedEV", "SuspendedEVSE", "Finishing"}


def parse_time(text):
    """A timestamp as the station has to write it: RFC 3339 in UTC with a `Z`."""
    if not text.endswith("Z") or "T" not in text:
        raise ValueError(f"{text!r} is not UTC with a Z")
    return datetime.fromisoformat(text)


def unique_fields(pairs):
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a field occurs twice")
    return fields


def no_constant(name):
    raise ValueError(f"{name} is not JSON")


def decode(text):
    """JSON as the standard has it: no NaN, no field twice; decimals stay exact."""
    return json.loads(text, parse_float=Decimal, object_pairs_hook=unique_fields, parse_constant=no_constant)


def schema_faults(version, kind, action, payload):
    try:
        validator = get_validator(kind, action, version, parse_float=Decimal)
    except OSError:
        return [f"{action} is not a message of {version}"]
    return [f"{action}: {e.json_path} {e.message}" for e in validator.iter_errors(payload)]


def times_in(payload):
    """Every timestamp in a payload, however deep."""
    if isinstance(payload, dict):
        for name, value in payload.items():
            if name in ("timestamp", "generatedAt", "scheduleStart") and isinstance(value, str):
                yield value
            else:
                yield from times_in(value)
    elif isinstance(payload, list):
        for item in payload:
            yield from times_in(item)


def samples_in(payload):
    for meter_value in payload.get("meterValue", payload.get("transactionData", [])):
        yield from meter_value["sampledValue"]


def sense_faults(action, payload, now):
    """What the schemas cannot say."""
    for text in times_in(payload):
        try:
            time = parse_time(text)
        except ValueError as e:
            yield f"{action}: {e}"
            continue
        if not datetime(2020, 1, 1, tzinfo=UTC) < time < now + timedelta(days=1):
            yield f"{action}: {text} is not a time of this scenario"
    if action == "StatusNotification" and "errorCode" in payload:
        status, code = payload["status"], payload["errorCode"]
        if payload["connectorId"] == 0 and status not in STATION_STATUSES:
            yield f"connector 0 cannot be {status}"
        if code == "EVCommunicationError" and status not in EV_ERROR_STATUSES:
            yield f"EVCommunicationError does not go with {status}"
    for sample in samples_in(payload):
        if sample.get("format", "Raw") == "Raw":
            try:
                Decimal(sample["value"])
            except InvalidOperation:
                yield f"{action}: {sample['value']!r} is not a number"


class Wire:
    """One connection: which ids are taken, whose turn it is, and what was wrong with a frame."""

    def __init__(self, problems, version):
        self._problems = problems
        self._version = version
        self._station_ids = set()
        self._station_call = None
        self._asked = {}

    def problem(self, what, frame):
        self._problems.append(f"{what} in {str(frame)[:400]}")

    def asked(self, id, action):
        """The central system sent a CALL; the action is None if it was not a well-formed one."""
        self._asked[id] = action

    def answered(self, id):
        """The central system has answered, or will never answer, the station's CALL."""
        if self._station_call == id:
            self._station_call = None

    def inbound(self, text, now):
        """Check one frame of the station. Returns it decoded, or None if it is beyond use."""
        if not isinstance(text, str):
            return self.problem("a binary frame", text)
        try:
            frame = decode(text)
        except (ValueError, RecursionError) as e:
            return self.problem(f"broken JSON ({e})", text)
        shape = {CALL: [str, str, dict], RESULT: [str, dict], ERROR: [str, str, str, dict]}
        parts = shape.get(frame[0]) if isinstance(frame, list) and frame else None
        if parts is None or [type(part) for part in frame[1:]] != parts or not 1 <= len(frame[1]) <= 36:
            return self.problem("not an OCPP-J frame", text)
        {CALL: self._call, RESULT: self._result, ERROR: self._error}[frame[0]](frame, now)
        return frame

    def _call(self, frame, now):
        _, id, action, payload = frame
        if id in self._station_ids:
            self.problem("an id used twice on one connection", frame)
        if self._station_call is not None:
            self.problem("a second CALL before the first was answered", frame)
        self._station_ids.add(id)
        self._station_call = id
        self._payload(CALL, action, payload, frame, now)

    def _result(self, frame, now):
        action = self._claim(frame)
        if action is not None:
            self._payload(RESULT, action, frame[2], frame, now)

    def _error(self, frame, _now):
        code, description = frame[2:4]
        self._claim(frame)
        if code not in ERROR_CODES[self._version]:
            self.problem(f"an error code that {self._version} does not have", frame)
        if len(description) > 255:
            self.problem("an error description above 255 characters", frame)

    def _claim(self, frame):
        if frame[1] not in self._asked:
            self.problem("an answer to nothing, or a second one,", frame)
        return self._asked.pop(frame[1], None)

    def _payload(self, kind, action, payload, frame, now):
        faults = schema_faults(self._version, kind, action, payload)
        for fault in faults or sense_faults(action, payload, now):
            self.problem(fault, frame)
