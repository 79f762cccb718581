"""The application on this board: sessions over UART and WebSocket, what becomes of them when network and power fail."""

import asyncio

import pytest
from charger import POWER_W, CommandFailed, scenario
from harness.csms import ALICE, BOB

# What passes between two looks at the meter, and what a busy machine adds, in Wh.
SLACK = 250


@scenario("1.6", "2.0.1")
async def test_a_session(charger):
    await charger.boot()
    await charger.session()
    await charger.told()
    tx = charger.books.only
    assert tx.tag == ALICE and tx.reason == "Local"
    assert 300 <= tx.energy <= 300 + SLACK
    await charger.power_off()


@pytest.mark.parametrize("picked", ["1.6", "2.0.1"])
@scenario("both")
async def test_the_server_picks(charger, picked):
    charger.csms.subprotocols = [f"ocpp{picked}"]
    await charger.boot()
    assert (await charger.st.state())["subprotocol"] == f"ocpp{picked}"
    await charger.session()
    await charger.told()
    assert 300 <= charger.csms.books[picked].only.energy <= 300 + SLACK


@scenario("1.6", "2.0.1")
async def test_the_central_system_starts_and_stops(charger):
    await charger.boot()
    await charger.st.cmd("meter", power_w=POWER_W)
    await charger.st.cmd("plug")
    if charger.ocpp == "1.6":
        answer = await charger.csms.call("RemoteStartTransaction", idTag=ALICE, connectorId=1)
    else:
        token = {"idToken": ALICE, "type": "ISO14443"}
        answer = await charger.csms.call("RequestStartTransaction", idToken=token, remoteStartId=7, evseId=1)
    assert answer["status"] == "Accepted"
    await charger.st.event("contactor", closed=True)
    await charger.delivered(200)
    await charger.told()
    id = charger.books.only.id
    stop = "RemoteStopTransaction" if charger.ocpp == "1.6" else "RequestStopTransaction"
    assert (await charger.csms.call(stop, transactionId=id))["status"] == "Accepted"
    await charger.st.event("contactor", closed=False)
    await charger.told()
    assert charger.books.only.reason == "Remote"


@scenario("1.6", "2.0.1")
async def test_a_session_outlives_a_pulled_cable(charger):
    await charger.boot()
    await charger.begin()
    await charger.delivered(100)
    charger.st.set_link(False)
    # The central system notices; the station finds out when it has something to say.
    await charger.csms.cut()
    await charger.delivered(500)
    await charger.end()
    assert (await charger.st.state())["queue"]["tx"] > 0
    charger.st.set_link(True)
    await charger.csms.connection()
    await charger.told()
    assert 500 <= charger.books.only.energy <= 500 + SLACK


@scenario("1.6", "2.0.1")
async def test_a_power_cut_while_charging(charger):
    await charger.boot()
    await charger.begin()
    await charger.delivered(300)
    await charger.power_cut()
    charger.register += 400
    await charger.boot()
    await charger.told()
    tx = charger.books.only
    assert tx.reason == "PowerLoss"
    assert 0 <= tx.energy <= 300 + SLACK
    await charger.session(100, BOB)
    await charger.told()
    assert [tx.tag for tx in charger.books.transactions] == [ALICE, BOB]


@scenario("1.6", "2.0.1")
async def test_sessions_without_a_network(charger):
    """They are told after a power cut, too."""
    await charger.boot()
    await charger.session(100)
    await charger.told()
    await charger.configure({"LocalAuthorizeOffline": "true"} if charger.ocpp == "1.6" else {})
    charger.csms.refuse = 503
    await charger.csms.cut()
    await charger.st.event("offline")
    for _ in range(2):
        await charger.session(100)
    waiting = (await charger.st.state())["queue"]["tx"]
    await charger.power_cut()
    charger.csms.refuse = None
    await charger.boot()
    await charger.told()
    assert waiting > 0 and len(charger.books.transactions) == 3
    assert all(100 <= tx.energy <= 100 + SLACK for tx in charger.books.transactions)


@scenario("1.6", "2.0.1")
async def test_power_cuts_at_an_operation_of_the_flash(charger):
    """Wherever it comes, the books balance; `sweep.py` goes through all of them."""
    await charger.boot()
    await charger.session(50)
    await charger.told()
    operations = (await charger.st.cmd("info"))["flash_operations"]
    await charger.power_cut()
    sessions = 1
    for operation in (2, operations // 3, operations - 9):
        sessions += await charger.cut_at(operation)
        await charger.boot()
        await charger.told()
        await charger.power_cut()
    # One that was about to begin may have been told, and has come to nothing.
    assert sessions <= len(charger.books.transactions) <= sessions + 3


@scenario("1.6")
async def test_it_restarts_as_it_is_told(charger):
    await charger.boot()
    assert (await charger.csms.call("Reset", type="Soft"))["status"] == "Accepted"
    charger.csms.station_started()
    await charger.st.event("reboot")
    await charger.st.event("ready")
    await charger.registered()
    await charger.told()


@scenario("1.6")
async def test_it_is_provisioned(charger):
    """Address, name and password are said once, over the serial line."""
    await charger.power_on(csms=None)
    url = charger.csms.url.replace("127.0.0.1", "10.0.2.2")
    await charger.st.cmd("provision", url=url, station="CP 7", password="a secret")
    await charger.power_cut()
    await charger.power_on(csms=None)
    await charger.registered()
    assert charger.csms.passwords == ["CP 7:a secret"]
    assert charger.csms.dials[-1][0].endswith("/CP%207")
    assert not any("secret" in str(event) for _, event in charger.st.events.entries)


@scenario("1.6")
async def test_lines_that_nobody_understands(charger):
    await charger.boot()
    for line, error in (
        ("nonsense", "not a JSON object"),
        ('{"id":null}', "cmd is missing"),
        ('{"id":null,"cmd":"teleport"}', "unknown command"),
        ('{"id":null,"cmd":"limit"}', "amps is missing"),
        ('{"id":null,"cmd":"ev","state":"X"}', "state cannot be that"),
        ('{"id":null,"cmd":"ev","state":"C"}', "no car is plugged in"),
        ('{"id":null,"cmd":"local_config","key":"No","value":"1"}', "key cannot be that"),
        ('{"id":null,"cmd":"id","token":"%s"}' % ("x" * 37), "token cannot be that"),
        ('{"id":null,"cmd":"fault","code":"GroundFailure","evse":9}', "no such EVSE or connector"),
        ("x" * 600, "not a JSON object"),
    ):
        reply = await charger.st.send_line(line, None)
        assert reply == {"id": None, "ok": False, "error": error}, line


@scenario("1.6")
async def test_what_happens_on_site_is_obeyed(charger):
    await charger.boot()
    await charger.begin()
    await charger.st.cmd("limit", amps=10.5)
    assert (await charger.st.event("limit"))["amps"] == 10.5
    assert (await charger.st.state())["evse"][0]["limit_a"] == 10.5
    with pytest.raises(CommandFailed, match="locked"):
        await charger.st.cmd("unplug")
    await charger.st.cmd("fault", evse=1, connector=1, code="GroundFailure")
    await charger.st.event("status", status="Faulted")
    await charger.st.event("contactor", closed=False)
    await charger.st.cmd("unplug", side="ev")
    await charger.st.cmd("fault", evse=1, connector=1, code="GroundFailure", on=False)
    await charger.st.event("status", status="Finishing")
    await charger.st.cmd("unplug")
    await charger.st.event("status", status="Available")
    await charger.told()


@scenario("both")
async def test_costs_little(charger):
    await charger.boot()
    await charger.session()
    await charger.told()
    before = await charger.st.cmd("info")
    await asyncio.sleep(6)
    after = await charger.st.cmd("info")
    passed = {name: after[name] - before[name] for name in ("up_ms", "asleep_ms", "wake_ups")}
    assert passed["asleep_ms"] > 0.97 * passed["up_ms"], passed
    # Printing the answer takes a dozen of them.
    assert passed["wake_ups"] <= 6 * passed["up_ms"] / 1000, passed
    assert after["image"] < 370_000, after
    assert after["data"] + after["bss"] < 76_000, after
    assert after["stack_used"] < 15_500, after
