"""Check a bag: every byte against its manifests, every name against the folder, the manifests against the seal."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from peakops.bag import layout, seal
from peakops.errors import NotFound

What = Literal["changed", "missing", "added", "unreadable", "seal"]
LARGEST_TAG_FILE = 64 << 20
"""Bytes of a manifest that are read at once: 64 MB list half a million files."""


class Fault(NamedTuple):
    """One file that is not as it was when the bag was made, and what is wrong with it."""

    path: str
    what: What


class Checked(NamedTuple):
    """
    What is wrong with a bag, and how it is sealed.

    `sealed`: `sealed` by the expected key; `unknown_key`, sealed by another; `forged`, the seal does not hold (a fault
    as well); `unsealed`, there is none, and anybody may have made the manifests anew. `key` is the id of the seal's
    key, `digest` the SHA-256 of the tag manifest, `info` what bag-info.txt says.
    """

    faults: tuple[Fault, ...]
    sealed: Literal["sealed", "unsealed", "unknown_key", "forged"]
    key: str
    digest: str
    files: int
    bytes: int
    info: Mapping[str, str]


def check(folder: Path, public_key: str | None) -> Checked:
    """
    Check a bag in constant memory against its manifests, and its seal against a public key (PEM, or base64).

    What is checked is what `write` makes; a link is never followed. Raises NotFound where there is no such folder, and
    NotConfigured for a key that is none.
    """
    if not os.path.isdir(folder):  # noqa: PTH112  (a name that is too long is no folder, and no error)
        raise NotFound(f"There is no folder {folder}.", hint="Give the folder that 'peakops security evidence' wrote.")
    there = _there(folder)
    faults: dict[str, What] = {}
    texts = {name: _text(folder, name, there, faults) for name in (*layout.TAG_FILES, layout.TAGS, layout.SEAL)}
    payload = _listed(texts[layout.MANIFEST], layout.MANIFEST, faults)
    tags = _listed(texts[layout.TAGS], layout.TAGS, faults)
    info = layout.read_info(texts[layout.INFO] or b"")
    _hold_tags(texts, tags, faults)
    size = _hold_payload(folder, payload, there, faults)
    _hold_names(there, {*payload, *layout.TAG_FILES, layout.TAGS, layout.SEAL}, faults)
    _hold_info(info, f"{size}.{len(payload)}", texts[layout.SEAL], faults)
    sealed, key = _sealed(texts, public_key, faults)
    digest = hashlib.sha256(texts[layout.TAGS] or b"").hexdigest()
    found = tuple(Fault(_shown(path), what) for path, what in sorted(faults.items()))
    return Checked(found, sealed, key, digest, len(payload), size, info)


def _there(folder: Path) -> dict[str, str]:
    """What stands in the folder, by its name: file, folder, or other (a link, a device, a pipe)."""
    found: dict[str, str] = {}
    left = [""]
    while left:
        inside = left.pop()
        try:
            with os.scandir(folder / inside) as entries:
                for entry in entries:
                    name = f"{inside}/{entry.name}" if inside else entry.name
                    kind = "folder" if entry.is_dir(follow_symlinks=False) else "other"
                    found[name] = "file" if entry.is_file(follow_symlinks=False) else kind
                    left += [name] if kind == "folder" else []
        except OSError:
            found[inside or "."] = "unreadable"
    return found


def _text(folder: Path, name: str, there: Mapping[str, str], faults: dict[str, What]) -> bytes | None:
    """A tag file's bytes; None where it is not there, or is no file to be read."""
    if there.get(name) != "file":
        if name in there:
            faults[name] = "changed"
        elif name != layout.SEAL:
            faults[name] = "missing"
        return None
    try:
        with (folder / name).open("rb") as file:
            text = file.read(LARGEST_TAG_FILE + 1)
    except OSError:
        faults[name] = "unreadable"
        return None
    if len(text) > LARGEST_TAG_FILE:
        faults[name] = "unreadable"
        return None
    return text


def _listed(text: bytes | None, name: str, faults: dict[str, What]) -> dict[str, str]:
    """What a manifest lists; nothing, and a fault, where it is not as it was made."""
    try:
        listed = layout.parsed(text or b"")
        prefixed = [each.startswith(f"{layout.PAYLOAD}/") for each in listed]
        if not (all(prefixed) if name == layout.MANIFEST else set(listed) == set(layout.TAG_FILES)):
            raise layout.Unfit("it lists other files than it may")
    except layout.Unfit:
        faults.setdefault(name, "changed")
        return {}
    return listed


def _hold_tags(texts: Mapping[str, bytes | None], tags: Mapping[str, str], faults: dict[str, What]) -> None:
    for name in layout.TAG_FILES:
        text = texts[name]
        declared = name != layout.DECLARATION or text == layout.DECLARED
        if text is not None and (not declared or (tags and hashlib.sha256(text).hexdigest() != tags[name])):
            faults[name] = "changed"


def _hold_payload(folder: Path, payload: Mapping[str, str], there: Mapping[str, str], faults: dict[str, What]) -> int:
    """Hold every file that is listed against its digest; the bytes that were read."""
    size = 0
    for name, digest in payload.items():
        if there.get(name) != "file":
            faults[name] = "changed" if name in there else "missing"
            continue
        try:
            with os.fdopen(os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW), "rb", buffering=0) as file:
                taken = hashlib.file_digest(file, "sha256").hexdigest()
                size += file.tell()
        except OSError:
            faults[name] = "unreadable"
            continue
        if taken != digest:
            faults[name] = "changed"
    return size


def _hold_names(there: Mapping[str, str], listed: Iterable[str], faults: dict[str, What]) -> None:
    """What is there and belongs to nothing that is listed was added: files, links, and folders without a file."""
    known = set(listed)
    folders = {layout.PAYLOAD, *(parent for name in known for parent in _parents(name))}
    for name, kind in there.items():
        if kind == "unreadable":
            faults[name] = "unreadable"
        elif kind == "folder" and name not in folders and name not in known:
            faults[f"{name}/"] = "added"
        elif kind != "folder" and name not in known:
            faults[name] = "added"


def _parents(name: str) -> Iterator[str]:
    while name := name.rpartition("/")[0]:
        yield name


def _hold_info(info: Mapping[str, str], oxum: str, sealing: bytes | None, faults: dict[str, What]) -> None:
    """bag-info.txt says how much there is, and whether it was sealed: a seal that was taken away is missed."""
    if not faults and info.get(layout.OXUM) != oxum:
        faults[layout.INFO] = "changed"
    if sealing is None and layout.SEALED in info:
        faults.setdefault(layout.SEAL, "missing")


def _sealed(
    texts: Mapping[str, bytes | None], public_key: str | None, faults: dict[str, What]
) -> tuple[Literal["sealed", "unsealed", "unknown_key", "forged"], str]:
    sealing = texts[layout.SEAL]
    if sealing is None:
        return "unsealed", ""
    stands, key = seal.standing(sealing, texts[layout.TAGS] or b"", public_key)
    if stands == "forged":
        faults[layout.SEAL] = "seal"
    return stands, key


def _shown(name: str) -> str:
    """A name that can be printed and sent: bytes that are no UTF-8 are escaped."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
