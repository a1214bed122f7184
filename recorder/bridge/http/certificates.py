"""A certificate of the box's own: a CA made at the first start, and a leaf that names where the box is found.

The CA stays, so that clients that trust it go on doing so; the leaf is made again when a name or an address is new, or
its time runs out. The CA says no end of its time, and the leaf began long ago: a box may start before its clock is set.
"""

import ipaddress
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from recorder.writers.placing import put_in_place

LEAF_DAYS = 800  # below the 825 that Apple's clients take
RENEW_DAYS = 60
_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
_NEVER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)  # RFC 5280, 4.1.2.5: no well-defined end


@dataclass(frozen=True, slots=True)
class Files:
    """Where they stand."""

    directory: Path

    @property
    def ca(self) -> Path:
        """What clients are to trust."""
        return self.directory / "ca.crt"

    @property
    def ca_key(self) -> Path:
        """Its private key."""
        return self.directory / "ca.key"

    @property
    def chain(self) -> Path:
        """What the server shows: leaf, then CA."""
        return self.directory / "server.crt"

    @property
    def key(self) -> Path:
        """The leaf's private key."""
        return self.directory / "server.key"


def ensure(directory: Path, names: Sequence[str]) -> tuple[Files, bool]:
    """The files, made where they are missing or no longer do; True if the leaf is new. OSError: it can't be written.

    `names` are host names and addresses. Blocks.
    """
    files = Files(directory)
    directory.mkdir(mode=0o700, exist_ok=True)
    ca, ca_key = _read(files.ca, files.ca_key) or _make_ca(files)
    leaf = _read(files.chain, files.key)
    if leaf is not None and _will_do(leaf[0], ca, names):
        return files, False
    _make_leaf(files, ca, ca_key, names)
    return files, True


def _read(certificate: Path, key: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None:
    """What stands there; None when a file is missing or can't be read, as after a kill between the two."""
    with suppress(FileNotFoundError, ValueError, TypeError):
        found = x509.load_pem_x509_certificate(certificate.read_bytes())
        private = serialization.load_pem_private_key(key.read_bytes(), None)
        if isinstance(private, ec.EllipticCurvePrivateKey) and private.public_key() == found.public_key():
            return found, private
    return None


def _will_do(leaf: x509.Certificate, ca: x509.Certificate, names: Sequence[str]) -> bool:
    named = set(leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    soon = datetime.now(UTC) + timedelta(days=RENEW_DAYS)
    return leaf.issuer == ca.subject and named >= set(map(_name, names)) and leaf.not_valid_after_utc > soon


def _make_ca(files: Files) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    serial = x509.random_serial_number()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"recorder CA {serial:x}"[:64])])
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), serial, _LONG_AGO, _NEVER)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    put_in_place(files.ca_key, _pem(key), 0o600)
    put_in_place(files.ca, certificate.public_bytes(serialization.Encoding.PEM), 0o644)
    return certificate, key


def _make_leaf(files: Files, ca: x509.Certificate, ca_key: ec.EllipticCurvePrivateKey, names: Sequence[str]) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
    end = max(datetime.now(UTC), _LONG_AGO) + timedelta(days=LEAF_DAYS)
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    certificate = (
        x509.CertificateBuilder(ca.subject, subject, key.public_key(), x509.random_serial_number(), _LONG_AGO, end)
        .add_extension(x509.SubjectAlternativeName(list(map(_name, names))), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(authority, critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    put_in_place(files.key, _pem(key), 0o600)
    put_in_place(files.chain, certificate.public_bytes(pem) + ca.public_bytes(pem), 0o644)


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
