"""What a central system says in 1.6."""

from ocpp.charge_point import remove_nones
from ocpp.routing import on
from ocpp.v16 import ChargePoint, call, call_result

from .csms import Csms, Version
from .ledger import Ledger
from .log import GUARD


def info(tag, status=None):
    found = {"status": status or tag.status, "expiry_date": tag.expiry and tag.expiry.isoformat()}
    return remove_nones({**found, "parent_id_tag": tag.parent})


class Peer16(ChargePoint):
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
        return call_result.Authorize(id_tag_info=info(self.csms.tag(id_tag)))

    @on("StartTransaction")
    def on_start(self, call_unique_id, id_tag, **_):
        csms = self.csms
        id = csms.books["1.6"].start(csms.calls[call_unique_id])
        return call_result.StartTransaction(id, info(csms.tag(id_tag), csms.start_status.get(id_tag.casefold())))

    @on("StopTransaction")
    def on_stop(self, call_unique_id, id_tag=None, **_):
        self.csms.books["1.6"].stop(self.csms.calls[call_unique_id])
        return call_result.StopTransaction(id_tag_info=id_tag and info(self.csms.tag(id_tag)))

    @on("MeterValues")
    def on_meter_values(self, call_unique_id, **_):
        self.csms.books["1.6"].meter_values(self.csms.calls[call_unique_id])
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


V16 = Version("1.6", Peer16, call, Ledger, ("GetConfiguration", {"key": ["NumberOfConnectors"]}))


class Csms16(Csms):
    versions = (V16,)
