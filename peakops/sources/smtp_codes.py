"""What the receiving server's answer says of an address: whether it is no use to write there again. Pure."""

import re

ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
"""The enhanced status code in a mail server's answer (RFC 3463)."""
BASIC = re.compile(r"^\W*([45])\d\d\b")
"""The plain code at its beginning (RFC 5321): 4xx is for now, 5xx may be anything."""
NOT_AN_ADDRESS = frozenset({(1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (2, 1)})
"""Of 5.x.x: no such mailbox, no such domain, no address, moved without a trace, takes no mail at all, disabled."""
FOR_NOW = frozenset({(2, 2), (2, 3)})
"""Of 5.x.x: the mailbox is full, the mail is too long for it."""
NOT_OF_THE_ADDRESS = frozenset({3, 6, 7})
"""Subjects of 5.x.x that are not about the address: the server, the mail's form, policy and security."""


def hard(*said: str | None) -> bool | None:
    """
    Whether an address is at fault for good, by the first enhanced code in these texts; None where nothing says it.

    A mail that a policy refused (5.7.x), a full mailbox (5.2.2) and all that is for now (4.x.x) are not.
    """
    texts = [each for each in said if each]
    for text in texts:
        if code := ENHANCED.search(text):
            return _by(code[1], int(code[2]), int(code[3]))
    return False if any((code := BASIC.match(text)) and code[1] == "4" for text in texts) else None


def _by(kind: str, subject: int, detail: int) -> bool | None:
    if kind == "4" or subject in NOT_OF_THE_ADDRESS or (subject, detail) in FOR_NOW:
        return False
    return True if kind == "5" and (subject, detail) in NOT_AN_ADDRESS else None
