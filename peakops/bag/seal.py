"""The seal of a bag: an Ed25519 signature over the bytes of its tag manifest, with the key that checks it."""

import base64
import binascii
import hashlib
import json
from typing import TYPE_CHECKING, Literal

from peakops.errors import NotConfigured

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Standing = Literal["sealed", "unknown_key", "forged"]
PURPOSE = b"peakops bag 1\n"
"""Stands before what is signed, so that no signature made for another purpose with the same key is a seal."""
PUBLIC_BYTES = 32


def made(tags: bytes, pem: str) -> bytes:
    """seal.json over a tag manifest. Raises NotConfigured where the key is no private Ed25519 key."""
    private = _private(pem)
    return _text(private.public_key().public_bytes_raw(), private.sign(PURPOSE + tags))


def standing(seal: bytes, tags: bytes, public_key: str | None) -> tuple[Standing, str]:
    """
    Whether a seal holds, and the id of the key that it names.

    `sealed` by the expected key; `unknown_key` where it holds by the key that it names, and that is not the expected
    one, or none is expected; `forged` where it does not hold, or is not byte by byte a seal.
    """
    expected = _public(public_key) if public_key else None
    named, signature = _parts(seal)
    if named is None or not _holds(named, signature, tags):
        return "forged", key_id(named) if named else ""
    return ("sealed" if named == expected else "unknown_key"), key_id(named)


def public_key(pem: str) -> str:
    """The public key that belongs to a private one, in base64. Raises NotConfigured where that is none."""
    return base64.b64encode(_private(pem).public_key().public_bytes_raw()).decode()


def key_of(pem: str) -> str:
    """The id of a private key's public one. Raises NotConfigured where it is no key."""
    return key_id(_private(pem).public_key().public_bytes_raw())


def public_of(text: str) -> str:
    """A public key as `public_key` tells one, from PEM or base64. Raises NotConfigured where it is none."""
    return base64.b64encode(_public(text)).decode()


def key_id(public: bytes) -> str:
    """A short name of a public key, to compare by eye: the first 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(public).hexdigest()[:16]


def _text(public: bytes, signature: bytes) -> bytes:
    told = {
        "algorithm": "Ed25519",
        "public_key": base64.b64encode(public).decode(),
        "signature": base64.b64encode(signature).decode(),
    }
    return json.dumps(told, indent=2).encode() + b"\n"


def _parts(seal: bytes) -> tuple[bytes | None, bytes]:
    """The key and the signature; no key where one byte is not as `_text` writes it."""
    try:
        told = json.loads(seal)
        public, signature = (base64.b64decode(told[name], validate=True) for name in ("public_key", "signature"))
    except (ValueError, TypeError, KeyError):
        return None, b""
    return (public, signature) if _text(public, signature) == seal and len(public) == PUBLIC_BYTES else (None, b"")


def _holds(public: bytes, signature: bytes, tags: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, PURPOSE + tags)
    except (InvalidSignature, ValueError):
        return False
    return True


def _private(pem: str) -> "Ed25519PrivateKey":
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        private = load_pem_private_key(pem.strip().encode(), None)
    except (ValueError, TypeError):
        private = None
    if not isinstance(private, Ed25519PrivateKey):
        raise NotConfigured(
            "The key in PEAKOPS_EVIDENCE_KEY is no private Ed25519 key.",
            hint="Make one with 'openssl genpkey -algorithm ed25519'.",
        )
    return private


def _public(text: str) -> bytes:
    """The bytes of a public key, from PEM (their last 32: RFC 8410) or from base64. Raises NotConfigured."""
    body = "".join(line for line in text.replace("\\n", "\n").splitlines() if not line.startswith("-----"))
    try:
        key = base64.b64decode(body.replace(" ", ""), validate=True)[-PUBLIC_BYTES:]
    except binascii.Error:
        key = b""
    if len(key) != PUBLIC_BYTES:
        raise NotConfigured("The key in PEAKOPS_EVIDENCE_PUBLIC_KEY is no public Ed25519 key.")
    return key
