"""Whether a domain takes mail, asked of a name server: its MX records, else its own address (RFC 5321, section 5.1)."""

import secrets
import socket
import struct

Server = tuple[str, int]
"""A name server's address and port."""

ADDRESS, EXCHANGE = 1, 15
"""Types of records: A and MX (RFC 1035, section 3.2.2)."""
INTERNET = 1
RECURSION_DESIRED = 0x0100
NO_SUCH_NAME = 3
LARGEST_BYTES = 4096
NULL_EXCHANGE = b"\x00"
"""The root, to which a domain that takes no mail points its MX (RFC 7505)."""
POINTER = 0xC0
"""The two highest bits of a length that says where a name goes on (RFC 1035, section 4.1.4)."""


def takes_mail(domain: str, server: Server, seconds: float) -> tuple[bool, str]:
    """Whether, and what the name server says, as the rest of a sentence."""
    try:
        status, exchanges = _records(domain, EXCHANGE, server, seconds)
        if status == NO_SUCH_NAME:
            return False, "there is no such domain"
        if status:
            return False, f"the name server refuses ({status})"
        if exchanges:
            takes = [each for each in exchanges if each[2:] != NULL_EXCHANGE]
            return bool(takes), "MX" if takes else "it says that it takes no mail"
        status, addresses = _records(domain, ADDRESS, server, seconds)
        if status:
            return False, f"the name server refuses ({status})"
        return bool(addresses), "an address, no MX" if addresses else "neither MX nor an address"
    except (OSError, ValueError, IndexError, struct.error):
        return False, "the name server does not answer"


def _records(domain: str, kind: int, server: Server, seconds: float) -> tuple[int, list[bytes]]:
    """The status of one answer, and the data of its records of this type. Raises OSError, and others for no answer."""
    number = secrets.randbits(16)
    labels = b"".join(bytes([len(each)]) + each for each in domain.encode("idna").split(b"."))
    question = (
        struct.pack(">6H", number, RECURSION_DESIRED, 1, 0, 0, 0) + labels + struct.pack(">BHH", 0, kind, INTERNET)
    )
    family = socket.AF_INET6 if ":" in server[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as asked:
        asked.settimeout(seconds)
        asked.connect(server)
        asked.send(question)
        answer = asked.recv(LARGEST_BYTES)
    heard, flags, _, count, _, _ = struct.unpack_from(">6H", answer)
    if heard != number:
        raise ValueError("the answer to another question")
    return flags & 0xF, list(_data(answer, len(question), count, kind))


def _data(answer: bytes, place: int, count: int, kind: int) -> list[bytes]:
    """The data of those records that are of a type; they begin behind the question, which is repeated."""
    found = []
    for _ in range(count):
        place = _behind_name(answer, place)
        type_, _, _, length = struct.unpack_from(">HHIH", answer, place)
        place += 10
        if type_ == kind:
            found.append(answer[place : place + length])
        place += length
    return found


def _behind_name(answer: bytes, place: int) -> int:
    while answer[place]:
        if answer[place] & POINTER == POINTER:
            return place + 2
        place += answer[place] + 1
    return place + 1
