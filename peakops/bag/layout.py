"""What a bag is made of (BagIt 1.0, RFC 8493): its files, how a name stands in a manifest, and what is a name."""

import re
import unicodedata
from collections.abc import Mapping

DECLARATION, INFO, SEAL = "bagit.txt", "bag-info.txt", "seal.json"
MANIFEST, TAGS = "manifest-sha256.txt", "tagmanifest-sha256.txt"
PAYLOAD = "data"
TAG_FILES = (DECLARATION, INFO, MANIFEST)
"""What the tag manifest covers: everything but itself, and the seal, which is made over it."""
DECLARED = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
OXUM, DATE, SEALED = "Payload-Oxum", "Bagging-Date", "Seal"
LONGEST = 4096
"""Bytes of a name: Linux takes no longer path."""

_LINE = re.compile(r"([0-9a-f]{64})  (.+)")
_ENCODED = {"%": "%25", "\n": "%0A", "\r": "%0D"}


class Unfit(ValueError):
    """A bag cannot hold this, or a manifest is not one of ours; the rest of the sentence."""


def lines(digests: Mapping[str, str]) -> bytes:
    """A manifest: one line a file, sorted by name, so that the same files give the same bytes."""
    return "".join(f"{digest}  {encoded(name)}\n" for name, digest in sorted(digests.items())).encode()


def parsed(manifest: bytes) -> dict[str, str]:
    """
    The files of a manifest with their digests.

    Raises Unfit where it is not byte by byte what `lines` writes, or has a name that leads out of the bag: what
    reads a manifest generously lets it be changed without a fault.
    """
    found: dict[str, str] = {}
    try:
        text = manifest.decode()
    except UnicodeDecodeError:
        raise Unfit("it is no UTF-8") from None
    for line in text.split("\n")[:-1]:
        match = _LINE.fullmatch(line)
        if match is None:
            raise Unfit("a line is no digest and name")
        found[named(decoded(match[2]))] = match[1]
    if lines(found) != manifest:
        raise Unfit("it is not written as a bag's manifest is")
    return found


def encoded(name: str) -> str:
    """A name as a manifest writes it: only what would end or hide a line is encoded (RFC 8493, section 2.1.3)."""
    return "".join(_ENCODED.get(each, each) for each in name)


def decoded(name: str) -> str:
    """The name that a manifest means."""
    for plain, code in reversed(_ENCODED.items()):
        name = name.replace(code, plain)
    return name


def named(name: str) -> str:
    """The name itself. Raises Unfit where it is none, or leads out of the folder that it stands in."""
    plain = name.encode(errors="ignore").decode() == name
    if not name or not plain or len(name.encode()) > LONGEST or "\0" in name or "\\" in name:
        raise Unfit("a name is empty, too long, no Unicode, or has a NUL or a backslash")
    if any(part in ("", ".", "..") for part in name.split("/")) or name.startswith("~"):
        raise Unfit(f"the name {name!r} leads out of the bag")
    return name


def folded(name: str) -> str:
    """What a file system that folds case and normalises Unicode takes a name for: two of them would be one file."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def described(info: Mapping[str, str]) -> bytes:
    """bag-info.txt. Raises Unfit where a label or a value would break its line."""
    for label, value in info.items():
        if not re.fullmatch(r"[A-Za-z0-9-]+", label) or re.search(r"[\r\n]", value) or value != value.strip():
            raise Unfit(f"{label} has a value of more than one line")
    return "".join(f"{label}: {value}\n" for label, value in info.items()).encode()


def read_info(text: bytes) -> dict[str, str]:
    """What bag-info.txt says; a line that says nothing is left out."""
    pairs = (line.partition(": ") for line in text.decode(errors="replace").split("\n"))
    return {label: value for label, colon, value in pairs if colon}
