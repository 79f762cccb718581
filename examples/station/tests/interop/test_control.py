"""The command line and the control channel, as far as the scenarios stand on them."""

import json
import subprocess

import pytest

from harness.log import GUARD
from harness.station import BINARY, CommandFailed
from harness.world import scenario


def run(*arguments):
    return subprocess.run([BINARY, *arguments], input=b"", capture_output=True, timeout=GUARD)


@pytest.mark.parametrize(
    "arguments,culprit",
    [
        (["--set", "NoSuchKey=1"], b"NoSuchKey"),
        (["--set", "ConnectionTimeOut"], b"ConnectionTimeOut"),
        (["--ocpp", "1.5"], b"1.5"),
        (["--csms", "carrier-pigeon://loft"], b"carrier-pigeon"),
    ],
)
def test_bad_arguments(arguments, culprit):
    """One line that says what is wrong, and exit code 2."""
    # Nobody listens on the discard port; it is never dialled anyway.
    ended = run("--csms", "ws://127.0.0.1:9/ocpp", "--control", "stdio", *arguments)
    assert ended.returncode == 2
    assert ended.stdout == b""
    assert culprit in ended.stderr and ended.stderr.strip().count(b"\n") == 0, ended.stderr


def test_end_of_stdin_is_a_clean_end():
    ended = run("--csms", "ws://127.0.0.1:9/ocpp", "--control", "stdio", "--clock", "virtual")
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout.splitlines()[0])["ev"] == "ready"


@scenario()
async def test_wrong_commands(w):
    """Each gets its answer, and none changes anything."""
    before = await w.st.state()
    unknown = await w.st.send({"id": 1001, "cmd": "teleport"})
    assert not unknown["ok"] and unknown["error"].startswith("unknown command")
    assert not (await w.st.send({"id": 1002, "cmd": "plug", "evse": 99}))["ok"]
    assert not (await w.st.send({"id": 1003, "cmd": "fault", "code": "Boredom"}))["ok"]
    assert not (await w.st.send({"id": 1004}))["ok"]
    for line in ("not json", "[1,2]", '{"id":7,"cmd":'):
        answer = await w.st.send_line(line, None)
        assert not answer["ok"] and answer["id"] is None and answer["error"]
    assert await w.st.state() == before


@scenario(evse=2)
async def test_plug_and_unplug_repeat_harmlessly(w):
    await w.st.cmd("unplug", evse=2)
    await w.plug(2)
    await w.plug(2)
    await w.settle()
    assert w.csms.statuses(2) == ["Available", "Preparing"]
    await w.unplug(2)


@scenario()
async def test_clock(w):
    a = await w.st.cmd("clock", advance_s=0)
    b = await w.st.cmd("clock", advance_s=3600)
    assert b["mono"] - a["mono"] == 3_600_000
    with pytest.raises(CommandFailed):
        await w.st.cmd("clock", advance_s=-5)


@scenario(evse=2)
async def test_snapshot(w):
    state = await w.st.state()
    assert state["online"] is True and state["subprotocol"] == "ocpp1.6"
    assert [e["id"] for e in state["evse"]] == [1, 2]
    for evse in state["evse"]:
        assert evse["tx"] is None and not evse["contactor"] and evse["operative"]
        (connector,) = evse["connectors"]
        assert not connector["plugged"] and not connector["locked"] and connector["operative"]
    tx = await w.charge(evse=2)
    first, second = (await w.st.state())["evse"]
    assert first["tx"] is None
    assert second["tx"] and second["contactor"]
    assert second["connectors"][0]["plugged"] and second["connectors"][0]["locked"]
    await w.finish(tx)


@scenario()
async def test_session_events(w):
    """Who watches the channel sees the session."""
    tx = await w.charge()
    await w.st.event("auth", token=tx.tag, status="Accepted")
    await w.st.event("contactor", evse=1, closed=True)
    await w.st.event("status", evse=1, connector=1, status=lambda s: s in ("Charging", "Occupied"))
    assert w.st.events.all("tx", evse=1)
    assert [i["dir"] for i in w.st.events.all("frame")][:1] != []
    await w.finish(tx)
    await w.st.event("contactor", evse=1, closed=False)
