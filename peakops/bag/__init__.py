"""Folders of files that can be checked: BagIt 1.0 with SHA-256 manifests, sealed with Ed25519 where there is a key."""

from peakops.bag.checking import Checked, Fault, check
from peakops.bag.layout import MANIFEST
from peakops.bag.seal import key_id, key_of, public_key, public_of
from peakops.bag.writing import Files, Made, vacant, write

__all__ = [
    "MANIFEST",
    "Checked",
    "Fault",
    "Files",
    "Made",
    "check",
    "key_id",
    "key_of",
    "public_key",
    "public_of",
    "vacant",
    "write",
]
