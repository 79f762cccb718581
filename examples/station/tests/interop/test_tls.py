"""TLS: security profiles 2 and 3 (A00), their refusals, and the command line that leads there.

Certificates are made on the spot and their dates are counted from the real time, by which the station judges them even when
its own clock is virtual.
"""

import ssl
import subprocess
from contextlib import asynccontextmanager

import pytest

from harness.csms201 import Csms201
from harness.log import GUARD
from harness.station import BINARY
from harness.tls import P256, RSA1024, RSA2048, Authority, Terminator, server
from harness.world import scenario
from harness.world201 import scenario201

TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
PASSWORD = "a password of old"
# A password that is set, but not for profile 3.
KEY = PASSWORD.encode().hex()

pytestmark = pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")


@pytest.fixture
def ca(tmp_path):
    directory = tmp_path / "certificates"
    directory.mkdir()
    return Authority(directory)


@pytest.fixture
def stranger(ca, tmp_path):
    """An authority that nobody else knows."""
    return Authority(tmp_path / "certificates", "Another Root")


def options(front, ca, profile, own=None):
    """How a station is told to go there."""
    given = ["--csms", front.url, "--security-profile", profile, "--ca", ca.file]
    if profile == 3:
        certificate, key = own or ca.issue(common="CP001")
        return [*given, "--cert", certificate, "--key", key, "--set", f"AuthorizationKey={KEY}"]
    return [*given, "--password", PASSWORD]


@asynccontextmanager
async def secured(w, ca, profile=2, host="localhost", own=None, **offers):
    """A station that was told of a central system with TLS, which offers this, and is not switched on yet."""
    offers.setdefault("clients", ca.file if profile == 3 else None)
    async with Terminator(w.csms, server(*ca.issue(host), **offers), host) as front:
        front.options = options(front, ca, profile, own)
        yield front


def check_credentials(w, front, profile):
    """Who the station said it is: with its certificate or with its password, not with both."""
    (_, _, client), *_ = front.agreed
    assert (client, w.csms.passwords) == (("CP001", []) if profile == 3 else (None, [f"CP001:{PASSWORD}"]))


def refusals(w, event):
    return len(w.st.events.all("security_event", type=event))


# What works.


@pytest.mark.parametrize("profile", [2, 3])
@scenario(boot=False)
async def test_session_in_16(w, ca, profile):
    async with secured(w, ca, profile) as front:
        await w.boot(*front.options)
        await w.session()
        check_credentials(w, front, profile)
        assert refusals(w, "InvalidCsmsCertificate") == 0


@pytest.mark.parametrize("profile", [2, 3])
@scenario201(boot=False)
async def test_session_in_201(w, ca, profile):
    """A00.FR.001, FR.202, FR.204, FR.205, FR.312, FR.401, FR.402; the profile in use is told."""
    async with secured(w, ca, profile) as front:
        await w.boot(*front.options)
        await w.session()
        check_credentials(w, front, profile)
        assert (await w.get("SecurityCtrlr", "SecurityProfile"))["attributeValue"] == str(profile)


@pytest.mark.parametrize("version,told", [(TLS12, "TLSv1.2"), (TLS13, "TLSv1.3")])
@pytest.mark.parametrize("profile", [2, 3])
@scenario(boot=False)
async def test_versions(w, ca, profile, version, told):
    async with secured(w, ca, profile, versions=(version, version)) as front:
        await w.boot(*front.options)
        assert [version for version, _, _ in front.agreed] == [told]


@pytest.mark.parametrize(
    "key,suite",
    [
        (P256, "ECDHE-ECDSA-AES128-GCM-SHA256"),
        (P256, "ECDHE-ECDSA-AES256-GCM-SHA384"),
        (RSA2048, "ECDHE-RSA-AES128-GCM-SHA256"),
        (RSA2048, "ECDHE-RSA-AES256-GCM-SHA384"),
    ],
)
@scenario201(boot=False)
async def test_cipher_suites(w, ca, key, suite):
    """A00.FR.319: those with ECDSA, and those with RSA, too."""
    async with secured(w, ca) as front:
        front.context = server(*ca.issue("localhost", key=key), versions=(TLS12, TLS12), ciphers=suite)
        await w.boot(*front.options)
        assert [suite for _, suite, _ in front.agreed] == [suite]


@scenario(boot=False)
async def test_an_address_for_a_name(w, ca):
    async with secured(w, ca, host="127.0.0.1") as front:
        await w.boot(*front.options)


@scenario(boot=False)
async def test_another_identity_after_a_cut(w, ca):
    """Each connection is checked anew: what was trusted once is not resumed."""
    async with secured(w, ca) as front:
        await w.boot(*front.options)
        # The same context: it would know a session of before.
        front.context.load_cert_chain(*ca.issue("elsewhere"))
        await w.csms.cut()
        await w.until(lambda: refusals(w, "InvalidCsmsCertificate") == 1, step=5)
        assert not w.csms.connected


# What is refused.

EXPIRED, EARLY = {"since": -10, "until": -1}, {"since": 1, "until": 10}
HERE = ("localhost",)

CERTIFICATES = {
    "unknown": (HERE, {}, "of an unknown authority"),
    "expired": (HERE, EXPIRED, "expired"),
    "early": (HERE, EARLY, "not valid yet"),
    "host": (("elsewhere", "127.0.0.1"), {}, "of another host"),
    "nameless": ((), {"common": "localhost"}, "of another host"),
    "weak": (HERE, {"key": RSA1024}, "signature not valid, or key too short"),
}
OFFERS = {
    "old": ({"versions": (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1)}, "InvalidTLSVersion", "older than TLS 1.2"),
    "suites": (
        {"versions": (TLS12, TLS12), "ciphers": "AES128-SHA"},
        "InvalidTLSCipherSuite",
        "no cipher suite in common",
    ),
}


def flawed(case, ca, stranger):
    """A server to refuse, and the event and its text."""
    if case in OFFERS:
        offers, event, info = OFFERS[case]
        return server(*ca.issue(*HERE, key=RSA2048), **offers), event, info
    hosts, flaw, info = CERTIFICATES[case]
    issuer = stranger if case == "unknown" else ca
    return server(*issuer.issue(*hosts, **flaw)), "InvalidCsmsCertificate", info


@pytest.fixture(params=[*CERTIFICATES, *OFFERS])
def flaw(request, ca, stranger):
    return flawed(request.param, ca, stranger)


async def refuses(w, ca, profile, flaw):
    """The station refuses, tells it once however often it tries, and connects when all is well. Returns the event."""
    context, event, info = flaw
    async with secured(w, ca, profile) as front:
        good, front.context = front.context, context
        await w.power_up(*front.options)
        assert (await w.st.event("security_event"))["type"] == event
        await w.until(lambda: len(front.refused) > 3, step=5)
        assert w.csms.dials == [] and front.agreed == []
        causes = {offline["cause"] for offline in w.st.events.all("offline")}
        assert causes and all(cause.startswith("TLS: ") for cause in causes), causes
        front.context = good
        await w.until(lambda: w.csms.connected, step=5)
        await w.ready()
        await w.settle()
        assert refusals(w, event) == 1

        # The next series of failures is told again.
        front.context = context
        await w.csms.cut()
        await w.until(lambda: refusals(w, event) == 2, step=5)
        front.context = good
        await w.until(lambda: w.csms.connected, step=5)
        await w.settle()
        # At each connection.
        assert len(w.csms.passwords) == (0 if profile == 3 else len(w.csms.dials))
        await w.st.stop()
        assert b"TLS: " in w.st.stderr and PASSWORD.encode() not in w.st.stderr
        return event, info


@scenario(boot=False)
async def test_refused_in_16(w, ca, flaw):
    """1.6 only logs it."""
    await refuses(w, ca, 2, flaw)
    assert w.csms.told("SecurityEventNotification") == []


@pytest.mark.parametrize("profile", [2, 3])
@scenario201(boot=False)
async def test_refused_in_201(w, ca, profile, flaw):
    """A00.FR.203, FR.308, FR.310, FR.311, FR.313, FR.314, FR.316, FR.320, FR.323, FR.501, FR.502."""
    event, info = await refuses(w, ca, profile, flaw)
    told = [(e["type"], e["techInfo"]) for e in w.csms.told("SecurityEventNotification") if e["type"] == event]
    assert told == [(event, info)] * 2


@pytest.mark.parametrize("version", [TLS12, TLS13])
@pytest.mark.parametrize("case", ["unknown", "expired"])
@scenario201(boot=False)
async def test_the_station_is_refused(w, ca, stranger, version, case):
    """A00.FR.430: a certificate of its own that has expired is for the CSMS to judge."""
    issuer = stranger if case == "unknown" else ca
    own = issuer.issue(common="CP001", **(EXPIRED if case == "expired" else {}))
    async with secured(w, ca, 3, own=own, versions=(version, version)) as front:
        await w.power_up(*front.options)
        assert (await w.st.event("security_event"))["type"] == "FailedToAuthenticateAtCsms"
        assert set(front.refused) == {"CERTIFICATE_VERIFY_FAILED"}
        # It may well judge otherwise.
        front.context = server(*ca.issue(*HERE))
        await w.until(lambda: w.csms.connected, step=5)
        await w.ready()


@pytest.mark.parametrize("version", [TLS12, TLS13])
@scenario201(boot=False)
async def test_a_certificate_is_wanted_and_there_is_none(w, ca, version):
    async with secured(w, ca, 2, clients=ca.file, versions=(version, version)) as front:
        await w.power_up(*front.options)
        assert (await w.st.event("security_event"))["type"] == "FailedToAuthenticateAtCsms"
        front.context = server(*ca.issue(*HERE))
        await w.until(lambda: w.csms.connected, step=5)
        await w.ready()


@scenario(boot=False)
async def test_no_tls_at_all(w, ca):
    """A server that does not know what TLS is gets nothing, least of all a password."""
    async with secured(w, ca) as front:
        await w.power_up(*front.options, "--csms", w.csms.url.replace("ws:", "wss:"))
        await w.st.event("offline")
        await w.advance(60)
        assert w.csms.dials == [] and w.st.events.all("online") == []


# Network profiles.


@pytest.mark.parametrize("profile", [2, 3])
@scenario201(boot=False)
async def test_a_network_profile_with_more_security(w, ca, profile):
    """B09.FR.01: from no TLS to TLS, with the certificates of the command line; A00.FR.005: and not back."""
    async with Csms201() as other, Terminator(other, None) as front:
        certificate, key = ca.issue(common="CP001")
        front.context = server(*ca.issue("localhost"), clients=ca.file if profile == 3 else None)
        means = ["--ca", ca.file, "--cert", certificate, "--key", key, "--password", PASSWORD]
        await w.boot(*means)
        data = {
            "ocppVersion": "OCPP20",
            "ocppTransport": "JSON",
            "ocppCsmsUrl": front.url,
            "messageTimeout": 30,
            "securityProfile": profile,
            "ocppInterface": "Wired0",
        }
        plain = {**data, "ocppCsmsUrl": other.url}
        assert await w.status("SetNetworkProfile", configurationSlot=1, connectionData=plain) == "Rejected"
        assert await w.status("SetNetworkProfile", configurationSlot=1, connectionData=data) == "Accepted"
        assert await w.set("OCPPCommCtrlr", "NetworkConfigurationPriority", "1") == "RebootRequired"
        assert await w.status("Reset", type="Immediate") == "Accepted"
        other.now = w.csms.now
        await w.until_exit()
        w.csms = other
        await w.power_up(*means)
        await w.until(lambda: other.connected, step=5)
        await w.ready()
        await w.settle()
        assert (await w.get("SecurityCtrlr", "SecurityProfile"))["attributeValue"] == str(profile)
        check_credentials(w, front, profile)
        plain = {**plain, "securityProfile": 1}
        assert await w.status("SetNetworkProfile", configurationSlot=2, connectionData=plain) == "Rejected"
        assert await w.set("OCPPCommCtrlr", "NetworkConfigurationPriority", "0") == "Rejected"


@scenario201(boot=False)
async def test_more_security_than_there_are_means_for(w, ca):
    """B09.FR.02: without a certificate of its own a station does not accept profile 3."""
    await w.boot("--ca", ca.file)
    data = {
        "ocppVersion": "OCPP20",
        "ocppTransport": "JSON",
        "ocppCsmsUrl": "wss://localhost:9/ocpp",
        "messageTimeout": 30,
        "ocppInterface": "Wired0",
    }
    for profile, status in ((3, "Rejected"), (2, "Accepted")):
        profile = {**data, "securityProfile": profile}
        assert await w.status("SetNetworkProfile", configurationSlot=1, connectionData=profile) == status


# The command line.


def test_files_that_are_of_no_use(ca, tmp_path):
    """A00.FR.507: PEM it is. One line that says what is wrong with which file, and nothing of what is in a key."""
    good, key = ca.issue(common="CP001")
    _, other = ca.issue(common="CP002")
    empty, odd, half = tmp_path / "empty.pem", tmp_path / "odd.pem", tmp_path / "half.pem"
    empty.write_text("")
    odd.write_text("-----BEGIN CERTIFICATE-----\nbm8gY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n")
    half.write_text(key.read_text()[:-40])
    secret = key.read_text().splitlines()[1][:24].encode()
    for files, culprit in (
        ((tmp_path / "none.pem", good, key), "--ca {0}: No such file"),
        ((empty, good, key), "--ca {0}: no certificate"),
        ((odd, good, key), "--ca {0}: a certificate cannot be read"),
        ((key, good, key), "--ca {0}: no certificate"),
        ((ca.file, empty, key), "--cert {1}: no certificate"),
        ((ca.file, odd, key), "--cert {1}: the certificate cannot be read"),
        ((ca.file, half, key), "--cert {1}: no certificate"),
        ((ca.file, good, tmp_path / "none.pem"), "--key {2}: No such file"),
        ((ca.file, good, tmp_path), "--key {2}: Is a directory"),
        ((ca.file, good, empty), "--key {2}: no private key"),
        ((ca.file, good, half), "--key {2}: no private key"),
        ((ca.file, good, good), "--key {2}: no private key"),
        ((ca.file, good, other), "--key {2}: it does not belong to the certificate"),
    ):
        arguments = ["--csms", "wss://localhost:9/ocpp", "--control", "stdio", "--security-profile", "3"]
        for option, file in zip(("--ca", "--cert", "--key"), files, strict=True):
            arguments += [option, file]
        ended = subprocess.run([BINARY, *arguments], input=b"", capture_output=True, timeout=GUARD)
        assert (ended.returncode, ended.stdout) == (2, b""), files
        assert culprit.format(*files).encode() in ended.stderr, ended.stderr
        assert ended.stderr.strip().count(b"\n") == 0 and secret not in ended.stderr, ended.stderr
