"""Connecting, registering, and keeping in touch."""

from collections import deque
from datetime import timedelta
from itertools import pairwise
from urllib.parse import unquote

import pytest

from harness.check import parse_time
from harness.world import scenario


@scenario(evse=2, boot=False)
async def test_accepted(w):
    """Who am I, then the status of every connector, each once."""
    w.csms.verdicts = deque([("Accepted", 300)])
    await w.power_up("--vendor", "Volt & Co", "--model", "Post 2", "--serial", "S-17", "--firmware", "1.2.3")
    boot = await w.csms.next("BootNotification")
    assert boot["chargePointVendor"] == "Volt & Co"
    assert boot["chargePointModel"] == "Post 2"
    assert "S-17" in (boot.get("chargePointSerialNumber"), boot.get("chargeBoxSerialNumber"))
    assert boot["firmwareVersion"] == "1.2.3"
    assert await w.st.event("registered", status="Accepted", interval=300)
    await w.settle()
    assert {c: w.csms.statuses(c) for c in range(4)} == {0: ["Available"], 1: ["Available"], 2: ["Available"], 3: []}


@scenario(boot=False)
async def test_url_and_subprotocol(w):
    """The identity is the last segment of the URL, percent-encoded."""
    identity = "CP 7/é#1"
    await w.boot("--id", identity)
    online = await w.st.event("online")
    assert online["subprotocol"] == "ocpp1.6"
    path = w.csms.dials[0][0]
    assert path.startswith("/ocpp/") and path.count("/") == 2
    assert unquote(path.rsplit("/", 1)[1]) == identity


@scenario(boot=False)
async def test_pending_then_accepted(w):
    """While pending the station answers, and speaks only when it is asked to."""
    w.csms.verdicts = deque([("Pending", 30), ("Accepted", 86400)])
    await w.power_up()
    await w.csms.next("BootNotification")
    await w.st.event("registered", status="Pending")
    assert (await w.csms.call("GetConfiguration", key=["NumberOfConnectors"]))["configurationKey"][0]["value"] == "1"
    changed = await w.csms.call("ChangeConfiguration", key="MeterValueSampleInterval", value="77")
    assert changed["status"] == "Accepted"
    remote = await w.csms.call("RemoteStartTransaction", idTag="ALICE-01", connectorId=1)
    assert remote["status"] == "Rejected"
    await w.advance(29)
    await w.csms.sync()
    assert len(w.csms.told("BootNotification")) == 1
    await w.advance(2)
    await w.ready()


@scenario(boot=False)
async def test_pending_answers_triggers(w):
    w.csms.verdicts = deque([("Pending", 600), ("Accepted", 86400)])
    await w.power_up()
    await w.csms.next("BootNotification")
    asked = await w.csms.call("TriggerMessage", requestedMessage="StatusNotification", connectorId=1)
    assert asked["status"] == "Accepted"
    await w.csms.next("StatusNotification", connectorId=1)
    asked = await w.csms.call("TriggerMessage", requestedMessage="BootNotification")
    assert asked["status"] == "Accepted"
    await w.ready()


@scenario(boot=False, settings={"ConnectionTimeOut": "600"})
async def test_rejected_is_silent(w):
    """Rejected: neither a message nor an answer until the interval has passed."""
    w.csms.verdicts = deque([("Rejected", 120), ("Accepted", 86400)])
    await w.power_up()
    await w.csms.next("BootNotification")
    await w.st.event("registered", status="Rejected")
    await w.csms.raw('[2,"unheard","GetConfiguration",{}]')
    await w.plug()
    await w.advance(118)
    assert len(w.csms.told("BootNotification")) == 1
    await w.advance(4)
    if not w.csms.connected:
        await w.csms.connection()
    await w.csms.next("BootNotification")
    await w.settle()
    assert w.csms.statuses(1) == ["Preparing"]
    answers = [text for who, text in w.csms.frames if who == "station" and "unheard" in text]
    assert answers == []
    await w.unplug()


@pytest.mark.parametrize("verdict", ["Pending", "Rejected"])
@scenario(boot=False)
async def test_interval_zero_does_not_flood(w, verdict):
    w.csms.verdicts = deque([(verdict, 0)])
    await w.power_up()
    await w.csms.next("BootNotification")
    await w.until(lambda: len(w.csms.told("BootNotification")) >= 3, step=10, limit=3600)
    gaps = [b.at - a.at for a, b in pairwise(w.csms.told("BootNotification"))]
    assert min(gaps) >= timedelta(seconds=10), gaps
    w.csms.verdicts = deque([("Accepted", 86400)])
    await w.until(lambda: w.csms.registered == "Accepted", step=60)


@pytest.mark.parametrize("trouble", ["lost reply", "CALLERROR"])
@scenario(boot=False)
async def test_boot_is_repeated(w, trouble):
    """No verdict is not an acceptance: ask again."""
    if trouble == "CALLERROR":
        w.csms.fail["BootNotification"].append("InternalError")
    else:
        w.csms.drop["BootNotification"] = 1
    await w.power_up()
    await w.csms.next("BootNotification")
    await w.until(lambda: w.csms.registered == "Accepted")
    await w.ready()
    assert len(w.csms.told("BootNotification")) == 2


@scenario(boot=False)
async def test_heartbeats_at_the_interval(w):
    w.csms.verdicts = deque([("Accepted", 100)])
    await w.boot()
    asked = await w.csms.call("GetConfiguration", key=["HeartbeatInterval"])
    assert asked["configurationKey"][0]["value"] == "100"
    await w.advance(1000, step=100)
    await w.csms.sync()
    assert 9 <= len(w.csms.told("Heartbeat")) <= 10


@scenario(boot=False)
async def test_heartbeats_only_after_inactivity(w):
    w.csms.verdicts = deque([("Accepted", 100)])
    await w.boot()
    for _ in range(3):
        await w.advance(60)
        await w.plug()
        await w.csms.next("StatusNotification", connectorId=1, status="Preparing")
        await w.st.cmd("unplug")
        await w.csms.next("StatusNotification", connectorId=1, status="Available")
    assert w.csms.told("Heartbeat") == []
    await w.advance(110)
    await w.csms.next("Heartbeat")


@scenario(boot=False)
async def test_heartbeat_corrects_the_clock(w):
    w.csms.verdicts = deque([("Accepted", 100)])
    await w.boot()
    w.csms.now += timedelta(hours=2)
    await w.advance(110)
    await w.csms.next("Heartbeat")
    tx = await w.charge()
    assert abs(tx.started - w.csms.now) < timedelta(seconds=15)
    await w.finish(tx)


@scenario()
async def test_reconnect_is_not_a_reboot(w):
    """A new connection continues the old acceptance, and unchanged statuses are not told again."""
    mark = w.csms.log.mark
    await w.go_offline()
    await w.advance(60)
    await w.go_online()
    await w.csms.sync()
    assert w.csms.told("BootNotification", since=mark) == []
    tx = await w.session()
    assert tx.reason == "Local"


@scenario()
async def test_reconnects_by_itself(w):
    """The central system hangs up; the station calls back without being told."""
    await w.csms.cut()
    await w.st.event("offline")
    await w.until(lambda: w.csms.connected)
    assert len(w.csms.told("BootNotification")) == 1
    await w.session()


@pytest.mark.parametrize("status", [401, 404, 503])
@scenario(boot=False)
async def test_refused_connections_back_off(w, status):
    w.csms.refuse = status
    await w.power_up()
    await w.until(lambda: len(w.csms.dials) >= 4, step=10, limit=7200)
    times = [at for _, at in w.csms.dials]
    gaps = [b - a for a, b in pairwise(times)]
    assert gaps[0] < gaps[-1], f"waits should grow: {gaps}"
    w.csms.refuse = None
    await w.until(lambda: w.csms.connected, step=60, limit=7200)
    await w.ready()


@scenario(boot=False)
async def test_no_common_subprotocol(w):
    """A server that does not agree on a subprotocol is not talked to."""
    w.csms.subprotocols = []
    await w.power_up()
    await w.until(lambda: w.csms.dials, step=1)
    await w.advance(5)
    assert w.csms.frames == []
    w.csms.subprotocols = ["ocpp1.6"]
    await w.until(lambda: w.csms.registered == "Accepted", step=60)
    await w.ready()


@scenario()
async def test_clean_stop(w):
    await w.st.stop()


@scenario(settings={"WebSocketPingInterval": "10"})
async def test_pings_keep_the_link(w):
    for _ in range(60):
        await w.advance(10)
        # The pong goes ahead of this.
        await w.csms.sync()
    assert w.csms.connections == 1


@scenario()
async def test_call_is_served_while_one_is_waiting(w):
    """Each direction has its own turn: an unanswered CALL of the station does not block the other way."""
    w.csms.drop["StatusNotification"] = 1
    await w.plug()
    await w.csms.next("StatusNotification", connectorId=1, status="Preparing")
    await w.csms.sync()
    await w.advance(120)
    await w.csms.sync()
    await w.unplug()


@scenario(settings={"ConnectionTimeOut": "600"})
async def test_one_call_at_a_time(w):
    """As long as the first CALL may still be answered, there is no second one."""
    w.csms.drop["StatusNotification"] = 1
    await w.plug()
    await w.csms.next("StatusNotification", connectorId=1, status="Preparing")
    await w.tap()
    await w.csms.sync()
    assert w.csms.told("Authorize") == []
    await w.advance(120)
    tx = await w.charging()
    await w.finish(tx)


@scenario(boot=False, settings={"ConnectionTimeOut": "600"})
async def test_before_acceptance_calls_are_not_sent(w):
    """What happened before registration is told after it, with right times."""
    w.csms.verdicts = deque([("Pending", 60), ("Accepted", 86400)])
    await w.power_up()
    await w.csms.next("BootNotification")
    await w.plug()
    await w.advance(61)
    status = await w.csms.next("StatusNotification", connectorId=1)
    assert status["status"] == "Preparing"
    if "timestamp" in status:
        assert abs(parse_time(status["timestamp"]) - w.csms.now) < timedelta(minutes=2)
    await w.unplug()


@scenario()
async def test_call_error_is_an_answer_too(w):
    """A central system that fails to take a message does not silence the station."""
    w.csms.fail["StatusNotification"].extend(["InternalError", "GenericError"])
    await w.plug()
    await w.settle()
    await w.unplug()
    await w.session()
