"""What a central system says in 2.0.1, and one that speaks either version."""

from ocpp.charge_point import remove_nones
from ocpp.routing import on
from ocpp.v201 import ChargePoint, call, call_result

from .csms import Csms, Version
from .csms16 import V16
from .ledger201 import Ledger201
from .log import GUARD


def info(tag, status=None):
    return remove_nones(
        {
            "status": status or tag.status,
            "cache_expiry_date_time": tag.expiry and tag.expiry.isoformat(),
            "group_id_token": tag.parent and {"id_token": tag.parent, "type": "ISO14443"},
        }
    )


class Peer201(ChargePoint):
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
    def on_authorize(self, id_token, **_):
        return call_result.Authorize(id_token_info=info(self.csms.tag(id_token["id_token"])))

    @on("TransactionEvent")
    def on_transaction_event(self, call_unique_id, event_type, id_token=None, **_):
        csms = self.csms
        csms.books["2.0.1"].event(csms.calls[call_unique_id])
        if id_token is None:
            return call_result.TransactionEvent()
        token = id_token["id_token"]
        status = csms.start_status.get(token.casefold()) if event_type != "Ended" else None
        return call_result.TransactionEvent(id_token_info=info(csms.tag(token), status))

    @on("DataTransfer")
    def on_data_transfer(self, **payload):
        return call_result.DataTransfer(**self.csms.on_data_transfer(payload))

    @on("StatusNotification")
    def on_status(self, **_):
        return call_result.StatusNotification()

    @on("MeterValues")
    def on_meter_values(self, **_):
        return call_result.MeterValues()

    @on("NotifyReport")
    def on_report(self, **_):
        return call_result.NotifyReport()

    @on("NotifyEvent")
    def on_event(self, **_):
        return call_result.NotifyEvent()

    @on("SecurityEventNotification")
    def on_security_event(self, **_):
        return call_result.SecurityEventNotification()


PROBE = {"component": {"name": "ClockCtrlr"}, "variable": {"name": "DateTime"}}
V201 = Version("2.0.1", Peer201, call, Ledger201, ("GetVariables", {"getVariableData": [PROBE]}))


class Csms201(Csms):
    versions = (V201,)


class CsmsBoth(Csms):
    """Of two versions; `subprotocols` says which one is picked at the next connection."""

    versions = (V201, V16)
