"""The device model over the wire: SetVariables, GetVariables, GetBaseReport, GetReport (B05–B08)."""

import pytest

from harness.central import CallError
from harness.world201 import scenario201

REQUIRED = {
    "AlignedDataCtrlr": {"Interval", "Measurands", "TxEndedInterval", "TxEndedMeasurands"},
    "AuthCtrlr": {"AuthorizeRemoteStart", "LocalAuthorizeOffline", "LocalPreAuthorize"},
    "ChargingStation": {"AvailabilityState", "Available", "Model", "SupplyPhases", "VendorName"},
    "ClockCtrlr": {"DateTime", "TimeSource"},
    "Connector": {"AvailabilityState", "Available", "ConnectorType", "SupplyPhases"},
    "DeviceDataCtrlr": {"BytesPerMessage", "ItemsPerMessage"},
    "EVSE": {"AvailabilityState", "Available", "Power", "SupplyPhases"},
    "OCPPCommCtrlr": {
        "FileTransferProtocols",
        "MessageAttemptInterval",
        "MessageAttempts",
        "MessageTimeout",
        "NetworkConfigurationPriority",
        "NetworkProfileConnectionAttempts",
        "OfflineThreshold",
        "ResetRetries",
        "UnlockOnEVSideDisconnect",
    },
    "SampledDataCtrlr": {
        "TxEndedInterval",
        "TxEndedMeasurands",
        "TxStartedMeasurands",
        "TxUpdatedInterval",
        "TxUpdatedMeasurands",
    },
    "SecurityCtrlr": {"BasicAuthPassword", "CertificateEntries", "OrganizationName", "SecurityProfile"},
    "TxCtrlr": {"EVConnectionTimeOut", "StopTxOnEVSideDisconnect", "StopTxOnInvalidId", "TxStartPoint", "TxStopPoint"},
}


def item(component, variable, **more):
    return {"component": {"name": component}, "variable": {"name": variable}, **more}


def name(row):
    component, variable = row["component"], row["variable"]
    evse = component.get("evse", {})
    return component["name"], evse.get("id"), evse.get("connectorId"), variable["name"], variable.get("instance")


@scenario201(evse=2, connectors=2)
async def test_full_inventory(w):
    rows = await w.report("GetBaseReport", reportBase="FullInventory")
    names = [name(row) for row in rows]
    assert len(names) == len(set(names)), "a variable twice"
    assert len(w.csms.told("NotifyReport")) > 1, "the inventory takes more than one page"
    for component, variables in REQUIRED.items():
        missing = variables - {n[3] for n in names if n[0] == component}
        assert not missing, f"{component} lacks {missing}"
    for component, places in (
        ("EVSE", {(1, None), (2, None)}),
        ("Connector", {(1, 1), (1, 2), (2, 1), (2, 2)}),
    ):
        assert {(n[1], n[2]) for n in names if n[0] == component} == places
    power = next(r for r in rows if name(r)[:4] == ("EVSE", 1, None, "Power"))
    assert power["variableCharacteristics"]["maxLimit"] == 22080
    kinds = {r["variableAttribute"][0]["value"] for r in rows if name(r)[3] == "ConnectorType"}
    assert kinds == {"sType2"}
    # What is told is what is read.
    for row in rows[::7]:
        answer = await w.csms.call("GetVariables", getVariableData=[{k: row[k] for k in ("component", "variable")}])
        read, told = answer["getVariableResult"][0], row["variableAttribute"][0]
        if told.get("mutability") == "WriteOnly":
            assert read["attributeStatus"] == "Rejected" and "value" not in told
        elif row["variable"]["name"] != "DateTime":
            assert read["attributeValue"] == told.get("value", ""), row


@scenario201()
async def test_configuration_inventory(w):
    rows = await w.report("GetBaseReport", reportBase="ConfigurationInventory")
    assert rows and all(r["variableAttribute"][0].get("mutability", "ReadWrite") != "ReadOnly" for r in rows)
    assert {name(r)[3] for r in rows} >= {"TxStartPoint", "BasicAuthPassword"}


@scenario201(evse=2)
async def test_summary_inventory(w):
    await w.st.cmd("fault", code="GroundFailure", evse=2, connector=1)
    await w.settle()
    rows = await w.report("GetBaseReport", reportBase="SummaryInventory")
    values = {name(r)[:4]: r["variableAttribute"][0]["value"] for r in rows}
    assert values["Connector", 1, 1, "AvailabilityState"] == "Available"
    assert values["Connector", 2, 1, "AvailabilityState"] == "Faulted"


@scenario201(evse=2)
async def test_reports_with_filters(w):
    async def names(**payload):
        rows = await w.report("GetReport", **payload)
        return rows if isinstance(rows, str) else [name(r) for r in rows]

    power = [item("EVSE", "Power")]
    assert await names(componentVariable=power) == [("EVSE", 1, None, "Power", None), ("EVSE", 2, None, "Power", None)]
    second = [{"component": {"name": "evse", "evse": {"id": 2}}, "variable": {"name": "POWER"}}]
    assert await names(componentVariable=second) == [("EVSE", 2, None, "Power", None)]
    clock = await names(componentVariable=[{"component": {"name": "ClockCtrlr"}}])
    assert {n[3] for n in clock} == {"DateTime", "TimeSource"}
    instances = await names(componentVariable=[item("DeviceDataCtrlr", "ItemsPerMessage")])
    assert {n[4] for n in instances} == {"GetReport", "GetVariables", "SetVariables"}
    assert await names(componentVariable=[item("NoSuchCtrlr", "X")]) == "EmptyResultSet"
    assert await names(componentCriteria=["Problem"]) == "EmptyResultSet"
    await w.st.cmd("fault", code="GroundFailure", evse=2, connector=1)
    await w.settle()
    troubled = await names(componentCriteria=["Problem"])
    assert {n[:3] for n in troubled} >= {("Connector", 2, 1)}
    assert ("Connector", 1, 1) not in {n[:3] for n in troubled}


@scenario201()
async def test_a_report_while_charging(w):
    """Pages and events take turns; nothing is lost."""
    tx = await w.charge()
    await w.advance(300)
    assert await w.status("GetBaseReport", requestId=1, reportBase="FullInventory") == "Accepted"
    await w.st.cmd("ev", state="B")
    await w.st.cmd("ev", state="C")
    await w.settle()
    pages = w.csms.told("NotifyReport")
    assert [p["seqNo"] for p in pages] == list(range(len(pages))) and not pages[-1].get("tbc", False)
    await w.advance(300)
    await w.finish(tx)
    w.check_energy(tx, 10)


@scenario201()
async def test_set_variables_item_by_item(w):
    """One that fails, fails alone."""
    items = [
        item("TxCtrlr", "EVConnectionTimeOut", attributeValue="77"),
        item("txctrlr", "evconnectiontimeout", attributeValue="soon"),
        item("TxCtrlr", "NoSuchVariable", attributeValue="1"),
        item("NoSuchCtrlr", "Interval", attributeValue="1"),
        item("ChargingStation", "Model", attributeValue="Other"),
        item("TxCtrlr", "TxStartPoint", attributeValue="Authorized,Elsewhere"),
        item("SampledDataCtrlr", "TxUpdatedInterval", attributeValue="60", attributeType="Target"),
        item("OCPPCommCtrlr", "WebSocketPingInterval", attributeValue="-1"),
        item("SampledDataCtrlr", "TxUpdatedInterval", attributeValue="60", attributeType="Actual"),
    ]
    answer = await w.csms.call("SetVariables", setVariableData=items)
    assert [r["attributeStatus"] for r in answer["setVariableResult"]] == [
        "Accepted",
        "Rejected",
        "UnknownVariable",
        "UnknownComponent",
        "Rejected",
        "Rejected",
        "NotSupportedAttributeType",
        "Rejected",
        "Accepted",
    ]
    assert (await w.get("TxCtrlr", "EVConnectionTimeOut"))["attributeValue"] == "77"
    await w.power_cut()
    await w.boot()
    assert (await w.get("TxCtrlr", "EVConnectionTimeOut"))["attributeValue"] == "77"
    assert (await w.get("SampledDataCtrlr", "TxUpdatedInterval"))["attributeValue"] == "60"


@scenario201()
async def test_get_variables_item_by_item(w):
    items = [
        item("SecurityCtrlr", "BasicAuthPassword"),
        item("NoSuchCtrlr", "X"),
        item("TxCtrlr", "X"),
        item("OCPPCommCtrlr", "MessageAttempts"),
        item("SampledDataCtrlr", "TxUpdatedInterval", attributeType="MaxSet"),
        item("SecurityCtrlr", "OrganizationName"),
    ]
    answer = await w.csms.call("GetVariables", getVariableData=items)
    assert [r["attributeStatus"] for r in answer["getVariableResult"]] == [
        "Rejected",
        "UnknownComponent",
        "UnknownVariable",
        "UnknownVariable",
        "NotSupportedAttributeType",
        "Accepted",
    ]
    assert answer["getVariableResult"][0].get("attributeValue", "") == "", "a password is never told"


@pytest.mark.parametrize("action,field", [("GetVariables", "getVariableData"), ("SetVariables", "setVariableData")])
@scenario201()
async def test_more_items_than_are_taken(w, action, field):
    asked = [item("DeviceDataCtrlr", "ItemsPerMessage")]
    asked[0]["variable"]["instance"] = action
    answer = await w.csms.call("GetVariables", getVariableData=asked)
    most = int(answer["getVariableResult"][0]["attributeValue"])
    value = {"attributeValue": "60"} if action == "SetVariables" else {}
    items = [item("TxCtrlr", "EVConnectionTimeOut", **value)] * (most + 1)
    result = field.replace("Data", "Result")
    assert len((await w.csms.call(action, **{field: items[:-1]}))[result]) == most
    # The limit is a promise, not a fence: all or nothing.
    try:
        assert len((await w.csms.call(action, **{field: items}))[result]) == most + 1
    except CallError as e:
        assert e.code == "OccurrenceConstraintViolation"


@scenario201(settings={"SampledDataCtrlr.TxUpdatedInterval": "60"})
async def test_a_change_counts_at_once(w):
    tx = await w.charge()
    await w.advance(120)
    assert await w.set("SampledDataCtrlr", "TxUpdatedInterval", "10") == "Accepted"
    await w.advance(120)
    await w.finish(tx)
    assert 12 <= tx.triggers.count("MeterValuePeriodic") <= 15


@scenario201(options=("--password", "a password of old"))
async def test_password(w):
    """The new one counts from the next connection on, and is text."""
    assert await w.set("SecurityCtrlr", "BasicAuthPassword", "too short") == "Rejected"
    assert await w.set("SecurityCtrlr", "BasicAuthPassword", "a new password: üöä") == "Accepted"
    await w.until(lambda: w.csms.connections == 2, step=5, limit=120)
    await w.settle()
    user, _, password = w.csms.passwords[-1].partition(":")
    assert (user, password) == ("CP001", "a new password: üöä")
    assert w.csms.passwords[0] == "CP001:a password of old"


@scenario201()
async def test_changes_on_site(w):
    """Either version's name will do at the station, whatever it speaks."""
    await w.st.cmd("local_config", variable="TxCtrlr.EVConnectionTimeOut", value="33")
    assert (await w.get("TxCtrlr", "EVConnectionTimeOut"))["attributeValue"] == "33"
    await w.st.cmd("local_config", key="ConnectionTimeOut", value="34")
    assert (await w.get("TxCtrlr", "EVConnectionTimeOut"))["attributeValue"] == "34"
    with pytest.raises(Exception, match="unknown variable"):
        await w.st.cmd("local_config", variable="TxCtrlr.Nothing", value="1")


@scenario201()
async def test_setting_of_the_station_s_maker(w):
    """A component that is none of OCPP's: told with its characteristics, followed, kept."""
    rows = await w.report("GetReport", componentVariable=[{"component": {"name": "GridConnection"}}])
    assert [row["variableCharacteristics"] for row in rows] == [
        {"dataType": "integer", "supportsMonitoring": False, "unit": "A", "minLimit": 0, "maxLimit": 80}
    ]
    assert await w.set("GridConnection", "Limit", "81") == "Rejected"
    assert await w.set("gridConnection", "LIMIT", "16") == "Accepted"
    assert (await w.st.state())["evse"][0]["limit_a"] == 16
    await w.power_cut()
    await w.boot()
    assert (await w.get("GridConnection", "Limit"))["attributeValue"] == "16"
    # B06.FR.09
    assert await w.set("ServiceMenu", "Pin", "4711") == "Accepted"
    assert (await w.get("ServiceMenu", "Pin"))["attributeStatus"] == "Rejected"
