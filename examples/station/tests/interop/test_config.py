"""GetConfiguration and ChangeConfiguration: names, values, refusals."""

import pytest

from harness.world import scenario

REQUIRED = {
    "AuthorizeRemoteTxRequests",
    "ClockAlignedDataInterval",
    "ConnectionTimeOut",
    "ConnectorPhaseRotation",
    "GetConfigurationMaxKeys",
    "HeartbeatInterval",
    "LocalAuthorizeOffline",
    "LocalPreAuthorize",
    "MeterValueSampleInterval",
    "MeterValuesAlignedData",
    "MeterValuesSampledData",
    "NumberOfConnectors",
    "ResetRetries",
    "StopTransactionOnInvalidId",
    "StopTxnAlignedData",
    "StopTxnSampledData",
    "SupportedFeatureProfiles",
    "TransactionMessageAttempts",
    "TransactionMessageRetryInterval",
    "UnlockConnectorOnEVSideDisconnect",
}
READ_ONLY = ["GetConfigurationMaxKeys", "NumberOfConnectors", "SupportedFeatureProfiles"]
LISTS = ["MeterValuesSampledData", "MeterValuesAlignedData", "StopTxnSampledData", "StopTxnAlignedData"]


async def read(w, *keys):
    """Key -> (value, read-only), and the unknown ones."""
    answer = await w.csms.call("GetConfiguration", **({"key": list(keys)} if keys else {}))
    known = answer.get("configurationKey", [])
    values = {e["key"]: (e.get("value"), e["readonly"]) for e in known}
    assert len(values) == len(known), "a key twice"
    return values, answer.get("unknownKey", [])


async def write(w, key, value):
    return (await w.csms.call("ChangeConfiguration", key=key, value=value))["status"]


@scenario(evse=3)
async def test_all_keys(w):
    values, unknown = await read(w)
    assert REQUIRED <= set(values) and unknown == []
    assert values["NumberOfConnectors"][0] == "3"
    assert "Core" in values["SupportedFeatureProfiles"][0].split(",")
    assert values.get("AuthorizationKey", (None,))[0] in (None, ""), "a secret"
    for key in READ_ONLY:
        assert values[key][1] is True, f"{key} can be written"
    for key in REQUIRED - {*READ_ONLY, "AuthorizeRemoteTxRequests", "UnlockConnectorOnEVSideDisconnect"}:
        assert values[key][1] is False, f"{key} cannot be written"


@scenario()
async def test_every_key_by_name(w):
    """One by one the keys have the values that the list says."""
    values, _ = await read(w)
    for key, entry in values.items():
        assert await read(w, key) == ({key: entry}, [])


@scenario()
async def test_known_and_unknown_keys(w):
    values, unknown = await read(w, "ConnectionTimeOut", "NoSuchKey", "HeartbeatInterval", "Ünknown")
    assert values == {"ConnectionTimeOut": ("60", False), "HeartbeatInterval": ("86400", False)}
    assert sorted(unknown) == ["NoSuchKey", "Ünknown"]


@scenario()
async def test_empty_list_is_all(w):
    answer = await w.csms.call("GetConfiguration", key=[])
    assert REQUIRED <= {e["key"] for e in answer["configurationKey"]}


@scenario()
async def test_keys_ignore_case(w):
    values, unknown = await read(w, "connectiontimeout")
    assert unknown == [] and [v[0] for v in values.values()] == ["60"]
    assert await write(w, "CONNECTIONTIMEOUT", "61") == "Accepted"
    assert (await read(w, "ConnectionTimeOut"))[0]["ConnectionTimeOut"][0] == "61"


@pytest.mark.parametrize(
    "key,value",
    [
        ("ConnectionTimeOut", "75"),
        ("HeartbeatInterval", "600"),
        ("MeterValueSampleInterval", "0"),
        ("ClockAlignedDataInterval", "900"),
        ("LocalPreAuthorize", "true"),
        ("StopTransactionOnInvalidId", "false"),
        ("TransactionMessageAttempts", "5"),
        ("ResetRetries", "2"),
        ("ConnectorPhaseRotation", "0.RST,1.RST"),
        ("MeterValuesSampledData", "Energy.Active.Import.Register,Voltage,Current.Import"),
        ("StopTxnSampledData", ""),
    ],
)
@scenario()
async def test_change(w, key, value):
    assert await write(w, key, value) == "Accepted"
    assert (await read(w, key))[0][key][0] == value


@scenario()
async def test_change_of_an_unknown_key(w):
    assert await write(w, "NoSuchKey", "1") == "NotSupported"


@pytest.mark.parametrize("key", READ_ONLY)
@scenario()
async def test_change_of_a_read_only_key(w, key):
    before = await read(w, key)
    assert await write(w, key, "7") == "Rejected"
    assert await read(w, key) == before


@pytest.mark.parametrize(
    "key,value",
    [
        ("ConnectionTimeOut", "-1"),
        ("ConnectionTimeOut", "soon"),
        ("ConnectionTimeOut", ""),
        ("ConnectionTimeOut", "99999999999999999999"),
        ("MeterValueSampleInterval", "1.5"),
        ("HeartbeatInterval", "-300"),
        ("LocalPreAuthorize", "maybe"),
        ("TransactionMessageAttempts", "-2"),
        ("WebSocketPingInterval", "-1"),
        ("ConnectorPhaseRotation", "1.XYZ"),
    ],
)
@scenario()
async def test_change_out_of_range(w, key, value):
    before = await read(w, key)
    assert await write(w, key, value) == "Rejected"
    assert await read(w, key) == before


@pytest.mark.parametrize("key", LISTS)
@scenario()
async def test_unsupported_measurand(w, key):
    """One bad item spoils the list, and the old one stays."""
    assert await write(w, key, "Energy.Active.Import.Register") == "Accepted"
    for bad in ("Energy.Active.Import.Register,Moon.Phase", "RPM", "Voltage.L9"):
        assert await write(w, key, bad) == "Rejected"
    assert (await read(w, key))[0][key][0] == "Energy.Active.Import.Register"


@scenario()
async def test_changed_interval_is_obeyed_at_once(w):
    assert await write(w, "HeartbeatInterval", "30") == "Accepted"
    await w.advance(35)
    await w.csms.next("Heartbeat")


@scenario()
async def test_more_keys_than_the_station_takes(w):
    """Unspecified, so only: an answer, and life goes on."""
    frame = await w.csms.ask(
        '[2,"%id","GetConfiguration",{"key":[' + ",".join(f'"Key{n}"' for n in range(300)) + "]}]", "GetConfiguration"
    )
    assert frame[0] in (3, 4)
    await w.session()


@scenario(settings={"ConnectionTimeOut": "41"})
async def test_stored_value_wins_over_the_factory(w):
    assert (await read(w, "ConnectionTimeOut"))[0]["ConnectionTimeOut"][0] == "41"
    assert await write(w, "ConnectionTimeOut", "42") == "Accepted"
    await w.power_cut()
    await w.boot()
    assert (await read(w, "ConnectionTimeOut"))[0]["ConnectionTimeOut"][0] == "42"


@scenario(settings={"GridLimit": "20"})
async def test_setting_of_the_station_s_maker(w):
    """A key that is none of OCPP's: told, followed, kept."""
    assert (await read(w, "gridlimit")) == ({"GridLimit": ("20", False)}, [])
    assert (await w.st.state())["evse"][0]["limit_a"] == 20
    assert [await write(w, "GridLimit", value) for value in ("81", "-1", "much")] == ["Rejected"] * 3
    assert await write(w, "GridLimit", "10") == "Accepted"
    assert (await w.st.state())["evse"][0]["limit_a"] == 10
    await w.power_cut()
    await w.boot()
    assert (await w.st.state())["evse"][0]["limit_a"] == 10
    await w.st.cmd("local_config", key="GridLimit", value="0")
    assert (await read(w, "GridLimit"))[0]["GridLimit"][0] == "0"
    assert (await w.st.state())["evse"][0]["limit_a"] is None


@scenario()
async def test_secret_of_the_station_s_maker(w):
    assert await write(w, "ServicePin", "4711") == "Accepted"
    values, unknown = await read(w)
    assert "ServicePin" not in values and unknown == []
    assert (await read(w, "ServicePin"))[0]["ServicePin"][0] is None
