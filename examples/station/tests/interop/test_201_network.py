"""Network profiles of 2.0.1: two central systems on ports of their own (B09, B10)."""

from harness.csms201 import Csms201
from harness.world201 import scenario201

PRIORITY = ("OCPPCommCtrlr", "NetworkConfigurationPriority")


def profile(url, **more):
    return {
        "ocppVersion": "OCPP20",
        "ocppTransport": "JSON",
        "ocppCsmsUrl": url,
        "messageTimeout": 30,
        "securityProfile": 1,
        "ocppInterface": "Wired0",
        **more,
    }


async def moves(w, other):
    """The station is told of the other central system and restarts to go there. Returns the one that it leaves."""
    assert await w.status("SetNetworkProfile", configurationSlot=1, connectionData=profile(other.url)) == "Accepted"
    assert await w.set(*PRIORITY, "1,0") == "RebootRequired"
    assert await w.status("Reset", type="Immediate") == "Accepted"
    former, other.now = w.csms, w.csms.now
    await w.until_exit()
    w.csms = other
    await w.power_up()
    await w.until(lambda: other.connected, step=5)
    assert (await other.next("BootNotification"))["reason"] == "RemoteReset"
    await w.settle()
    return former


@scenario201()
async def test_switch_between_two_central_systems(w):
    """B10.FR.01, FR.10: after the reboot the other one is dialled, and is told all that a new one is told."""
    async with Csms201() as other:
        former = await moves(w, other)
        assert (await w.get("OCPPCommCtrlr", "ActiveNetworkProfile"))["attributeValue"] == "1"
        assert not former.connected
        tx = await w.charge()
        await w.advance(600)
        await w.finish(tx)
        w.check_energy(tx, 10)
        assert former.ledger.transactions == []
        former.check()
        await w.dispose()


@scenario201(settings={"OCPPCommCtrlr.NetworkProfileConnectionAttempts": "2"})
async def test_falls_back_to_the_first(w):
    """B10.FR.03: what does not answer any more is left after its attempts, in the middle of a session."""
    async with Csms201() as other:
        former = await moves(w, other)
        tx = await w.charge()
        other.refuse = 503
        await other.cut()
        w.csms, former.now = former, other.now
        await w.until(lambda: former.connected, step=5)
        await former.next("BootNotification")
        await w.settle()
        assert (await w.get("OCPPCommCtrlr", "ActiveNetworkProfile"))["attributeValue"] == "0"
        assert former.told("TransactionEvent") == []
        await w.dispose()


@scenario201()
async def test_what_is_no_way_to_a_central_system(w):
    """B09.FR.02, B09.FR.05: refused, and nothing is changed."""
    for slot, bad in (
        (9, profile("ws://h/ocpp")),
        (1, profile("http://h/ocpp")),
        (1, profile("ws://h/ocpp", ocppTransport="SOAP")),
        (1, profile("ws://h/ocpp", securityProfile=3)),
    ):
        assert await w.status("SetNetworkProfile", configurationSlot=slot, connectionData=bad) == "Rejected", bad
    assert await w.set(*PRIORITY, "1,0") == "Rejected"
    assert (await w.get(*PRIORITY))["attributeValue"] == "0"
