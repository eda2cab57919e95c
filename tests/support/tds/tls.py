"""TLS as TDS has it: the handshake travels in PRELOGIN packets, what follows does not."""
import functools
import pathlib
import ssl
import subprocess
import tempfile

from support.tds.errors import Disconnected
from support.tds.packet import PRELOGIN


class Tls:
    """One connection's TLS, apart from its socket."""

    def __init__(self, context):
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.object = context.wrap_bio(self.incoming, self.outgoing, server_side=True)

    def encrypt(self, data):
        self.object.write(data)
        return self.outgoing.read()

    def decrypt(self, data):
        self.incoming.write(data)
        plain = b""
        try:
            while part := self.object.read(65536):
                plain += part
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as failure:
            raise Disconnected from failure
        return plain


def handshake(transport, context):
    """Leaves the transport encrypted."""
    tls = Tls(context)
    while True:
        try:
            tls.object.do_handshake()
            break
        except ssl.SSLWantReadError:
            answer = tls.outgoing.read()
            if answer:
                transport.write_message(answer, PRELOGIN)
            kind, payload = transport.read_message()
            if kind != PRELOGIN:
                raise Disconnected
            tls.incoming.write(payload)
        except ssl.SSLError as failure:
            raise Disconnected from failure
    answer = tls.outgoing.read()
    if answer:
        transport.write_message(answer, PRELOGIN)
    transport.tls = tls


def make_certificate(directory):
    """A key and a certificate that nobody signed, as the real server makes for itself."""
    key, certificate = pathlib.Path(directory) / "stand-in.key", pathlib.Path(directory) / "stand-in.pem"
    if not certificate.exists():
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-batch",
                        "-subj", "/CN=SSL_Self_Signed_Fallback", "-keyout", key, "-out", certificate],
                       check=True, capture_output=True)
    return certificate, key


@functools.cache
def scratch_certificate():
    """One for all servers of a test."""
    scratch_certificate.directory = tempfile.TemporaryDirectory(prefix="berth-tds-")
    return make_certificate(scratch_certificate.directory.name)


def server_context(certificate, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # TLS 1.3 has messages after the handshake, for which TDS 7.4 has no place.
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context
