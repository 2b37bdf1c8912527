"""The door: secrets are removed and counted, personal data is masked, control characters are dropped."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peakops.redact import REMOVED, Door

STRIPE_KEYS = ("sk_live_51Habcdefghijkl", "rk_test_abcdefg", "pk_live_abcdefg")


@pytest.mark.parametrize(
    "secret",
    [
        *STRIPE_KEYS,
        "whsec_abcdefghij",
        "sb_secret_abcdefgh",
        "sbp_abcdefghijkl",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abcDEF_123",
        "$2a$10$" + "a" * 53,
        "SG.abcdefghijklmnopqrst.abcdefghijklmnopqrstuvwxyz",
        "re_abcdEFGH_abcdefghijklmnopqrst",
        "4242 4242 4242 4242",
        "4242424242424242",
        "078-05-1120",
    ],
)
def test_secrets_are_removed_and_counted(secret):
    """Whatever the key it stands under, a secret does not leave, and it is counted."""
    door = Door(reveal=True)

    assert f"before {REMOVED} after" == door.text(f"before {secret} after")
    assert 1 == door.removed


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("postgresql://op:hunter2@db.example/portal", f"postgresql://{REMOVED}@db.example/portal"),
        ("Authorization: Bearer abcdefghij.klm", f"Authorization: Bearer {REMOVED}"),
        ("login failed: password=hunter2hunter2 for x", f"login failed: password={REMOVED} for x"),
        ('{"password": "hunter2 hunter2"}', f'{{"password": "{REMOVED}"}}'),
        ("https://portal.example/accept?token=abcdefghij", f"https://portal.example/accept?token={REMOVED}"),
    ],
)
def test_the_secret_part_is_removed(text, left):
    """Around a password, a bearer or a link's token, the rest stays readable."""
    assert left == Door().text(text)


@pytest.mark.parametrize(
    "harmless",
    ["pi_3QCFvqClS64fhGmXXRrAJq", "1700000000000", "2026-11-20", "INV-123", "4242424242424243", "re_3QH7wx49hm"],
)
def test_what_only_looks_like_one_stays(harmless):
    """Ids, times, numbers that fail the card's checksum: nothing is removed."""
    assert harmless == Door().text(harmless)


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("email", "jane.roe@smilecare.example", "j…@smilecare.example"),
        ("full_name", "Jane Roe", "J…"),
        ("line1", "12 Orchard Lane", "1…"),
        ("phone", "+1 202 555 0147", "…47"),
        ("practice", "Smile Care", "Smile Care"),
        ("error", "no answer from +1 202 555 0147 today", "no answer from …47 today"),
        ("error", "call 202-555-0147", "call …47"),
        ("ip_address", "203.0.113.9", "203.…"),
        ("http", "http://127.0.0.1:4000", "http://127.0.0.1:4000"),
    ],
)
def test_masks(key, value, shown):
    """Personal data shows its first letter or last digits; practices and our own addresses are shown."""
    door = Door()

    assert {key: shown} == door.clean({key: value})
    assert 0 == door.removed


def test_reveal_lifts_masks_and_no_secret():
    """--reveal shows people, never keys."""
    door = Door(reveal=True)

    assert {"email": "jane@x.example", "note": REMOVED} == door.clean(
        {"email": "jane@x.example", "note": STRIPE_KEYS[0]}
    )


def test_what_was_typed_stays_as_typed():
    """An address that the operator typed is shown wherever it recurs, in any spelling."""
    door = Door(typed=("Jane@Smilecare.example ",))

    assert "jane@smilecare.example and b…@smilecare.example" == door.text(
        "jane@smilecare.example and bob@smilecare.example"
    )


def test_a_line_is_one_line_and_a_value_keeps_its_lines():
    """A page's line has no breaks; a text for a script keeps them."""
    assert "a b" == Door().line("a\nb")
    assert {"text": "a\nb"} == Door().clean({"text": "a\nb"})


def test_bytes_that_are_no_utf8_can_be_printed():
    """What came in undecodable goes out as a question mark, and never breaks the document."""
    assert "?" == Door().text("\udcff")


def test_forbidden_keys_never_leave():
    """A token or a password is removed by its key, whatever it looks like."""
    assert {"token": REMOVED, "password": REMOVED} == Door(reveal=True).clean({"token": "abc", "password": "hunter2"})


def test_escape_sequences_are_removed():
    """A name cannot colour, move or rename the terminal."""
    assert "red title plain" == Door().text("\x1b[31mred\x1b[0m \x1b]0;owned\x07title\x00 plain\x9b")


@given(st.text())
def test_no_control_character_survives(text):
    """Whatever comes in, no control character goes out."""
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", Door().line(text).replace("\t", ""))


@given(st.text(), st.sampled_from(STRIPE_KEYS))
def test_a_key_is_found_in_any_surroundings(text, key):
    """Between spaces, a key does not survive any surroundings."""
    assert key not in Door(reveal=True).text(f"{text} {key} {text}")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_the_shape_stays(value):
    """Cleaning keeps lists as long as they were, numbers as they are, and knows its own work as clean."""
    once = Door().clean(value)

    assert once == Door().clean(once)
    assert not isinstance(value, list) or len(value) == len(once)
