"""Certificates made on the spot, and TLS in front of a central system."""

import asyncio
import contextlib
import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from itertools import count

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

P256, RSA2048, RSA1024 = "P-256", "RSA 2048", "RSA 1024"


def new_key(kind):
    if kind == P256:
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(65537, int(kind.split()[1]))


def name(common):
    attributes = [(NameOID.ORGANIZATION_NAME, "Example"), (NameOID.COMMON_NAME, common)]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in attributes])


def alternative(host):
    with contextlib.suppress(ValueError):
        return x509.IPAddress(ipaddress.ip_address(host))
    return x509.DNSName(host)


class Authority:
    """Vouches for others. `directory` takes the files."""

    _numbers = count(1)

    def __init__(self, directory, common="Test Root"):
        self._directory, self._key, self._name = directory, new_key(P256), name(common)
        builder = self._builder(self._name, self._key, -1, 1000)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.file = self._write("ca", self._sign(builder))

    def issue(self, *hosts, common="leaf", key=P256, since=-1, until=365):
        """Certificate and key for these hosts, valid from one day to another, counted from now. Returns the two files."""
        own = new_key(key)
        builder = self._builder(name(common), own, since, until)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        if hosts:
            names = x509.SubjectAlternativeName([alternative(host) for host in hosts])
            builder = builder.add_extension(names, critical=False)
        secret = own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return self._write("cert", self._sign(builder)), self._write("key", secret)

    def _builder(self, subject, key, since, until):
        now = datetime.now(UTC)
        return x509.CertificateBuilder(
            issuer_name=self._name,
            subject_name=subject,
            public_key=key.public_key(),
            serial_number=x509.random_serial_number(),
            not_valid_before=now + timedelta(days=since),
            not_valid_after=now + timedelta(days=until),
        )

    def _sign(self, builder):
        return builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)

    def _write(self, what, pem):
        file = self._directory / f"{what}-{next(self._numbers)}.pem"
        file.write_bytes(pem)
        return file


def server(certificate, key, *, clients=None, versions=None, ciphers=None):
    """What a server with this certificate offers. With `clients`, it wants a certificate of that authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # The station is what refuses weak things here.
    context.set_ciphers(f"{ciphers or 'ALL'}:@SECLEVEL=0")
    context.load_cert_chain(certificate, key)
    if versions:
        context.minimum_version, context.maximum_version = versions
    if clients:
        context.load_verify_locations(clients)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


class Terminator:
    """TLS in front of a central system, as most have it. Unlike asyncio's own TLS it says in an alert why it refuses.

    `context` may be changed at any time and counts from the next connection on.
    """

    def __init__(self, csms, context, host="localhost"):
        self.context, self._host = context, host
        self._inner = int(csms.url.split(":")[2].split("/")[0])
        # What was agreed on: version, cipher suite, common name of the client. And what was refused.
        self.agreed, self.refused = [], []

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"wss://{self._host}:{self._server.sockets[0].getsockname()[1]}/ocpp"
        return self

    async def __aexit__(self, *_):
        self._server.close()

    async def _serve(self, reader, writer):
        with contextlib.suppress(ConnectionError):
            await Connection(reader, writer, self.context).serve(self)
        writer.transport.abort()

    async def connect(self):
        return await asyncio.open_connection("127.0.0.1", self._inner)


class Connection:
    """One connection, its TLS done in memory."""

    def __init__(self, reader, writer, context):
        self._reader, self._writer = reader, writer
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_side=True)

    async def serve(self, terminator):
        try:
            await self._step(self._tls.do_handshake)
        except ssl.SSLError as error:
            terminator.refused.append(error.reason)
            # Whoever closes before all is read takes the alert back.
            self._writer.write_eof()
            while await self._reader.read(1 << 16):
                pass
            return
        subject = dict(pair for part in (self._tls.getpeercert() or {}).get("subject", ()) for pair in part)
        terminator.agreed.append((self._tls.version(), self._tls.cipher()[0], subject.get("commonName")))
        reader, writer = await terminator.connect()
        ways = [asyncio.create_task(self._inward(writer)), asyncio.create_task(self._outward(reader))]
        try:
            # Either end ends both.
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            writer.transport.abort()

    async def _inward(self, writer):
        while data := await self._step(lambda: self._tls.read(1 << 16)):
            writer.write(data)
            await writer.drain()

    async def _outward(self, reader):
        while data := await reader.read(1 << 16):
            self._tls.write(data)
            await self._flush()

    async def _step(self, do):
        """Do something with TLS that may have to wait for more of the peer."""
        while True:
            try:
                return do()
            except ssl.SSLWantReadError:
                await self._flush()
                if data := await self._reader.read(1 << 16):
                    self._in.write(data)
                else:
                    self._in.write_eof()
            finally:
                await self._flush()

    async def _flush(self):
        if data := self._out.read():
            self._writer.write(data)
            await self._writer.drain()
