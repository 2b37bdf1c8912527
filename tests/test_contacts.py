"""The book of contacts: what is wrong with a file and where, who is there when, and whether somebody always is."""

import os
import socket
import struct
import sys
import threading
import time
import zoneinfo
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import peakops
from peakops import contacts
from peakops.contacts import hours
from peakops.contacts.lines import Lines
from peakops.contacts.shapes import Contact
from peakops.errors import NotConfigured
from peakops.render import schema
from peakops.settings import load
from peakops.settings.templates import contacts_file
from peakops.sources import contacts_probe
from peakops.sources.contacts import Contacts
from peakops.sources.mail_exchange import takes_mail

SANDBOX = Path(peakops.__file__).parent / "sandbox" / "contacts.toml"
NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
"""A Friday, 08:00 in Denver."""

SOUND = """\
zone = "America/Denver"

[people.lead]
role = "Technical Lead"
hours = "Mon-Fri 09:00-17:00"
deputy = "duty"
channels = ["slack: PEAKOPS_PAGE_LEAD"]

[people.duty]
role = "On-Call Engineer"
hours = "24/7"
channels = ["email: duty@clinic.example", "phone: +1 303 555 0100"]

[vendors.stripe]
role = "Stripe Support"
components = ["stripe"]
hours = "24/7"
channels = ["url: https://support.stripe.com"]

[tiers.1]
name = "Technical Lead"
contacts = ["lead"]

[tiers.2]
name = "External"
contacts = ["stripe"]
after = "15m"
severity = "critical"
mode = "confirm"
"""


@pytest.fixture
def written(tmp_path):
    """Write a file of contacts: the sound one, with pieces of it changed."""

    def write(*changes, text=SOUND):
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        file = tmp_path / "contacts.toml"
        file.write_text(text)
        return file

    return write


@pytest.fixture
def book(written):
    """The book of such a file."""

    def load(*changes, text=SOUND):
        return contacts.load(written(*changes, text=text))

    return load


def test_a_sound_file_is_a_book(book):
    """Everything has its place, and nothing is wrong."""
    found = book()

    assert ["lead", "duty", "stripe"] == [each.id for each in found.people]
    assert ["person", "person", "vendor"] == [each.kind for each in found.people]
    assert [("slack", "PEAKOPS_PAGE_LEAD"), ("email", "duty@clinic.example"), ("phone", "+13035550100")] == [
        (each.kind, each.value) for contact in found.people[:2] for each in contact.channels
    ]
    assert [(1, 0.0, "resolved", "warning", "auto"), (2, 900.0, "resolved", "critical", "confirm")] == [
        (each.n, each.after, each.unless, each.severity, each.mode) for each in found.tiers
    ]
    assert ((), 3600.0) == (found.flaws, found.rearm)


WRONG = {
    "no toml": (('role = "Technical Lead"', "role = Technical Lead"), 4, "This is no TOML"),
    "a table twice": (("[people.duty]", "[people.lead]"), 9, "[people.lead] stands here for the second time."),
    "a key twice": (('deputy = "duty"', 'hours = "24/7"'), 6, "second time in its table"),
    "unknown at the top": (('zone = "America/Denver"', 'timezone = "UTC"'), 1, "timezone: nothing reads this key."),
    "unknown key": (('deputy = "duty"', 'deputee = "duty"'), 6, "people.lead.deputee: nothing reads this key."),
    "no role": (('role = "Technical Lead"\n', ""), 3, "people.lead.role: it is missing."),
    "an empty role": (('role = "Technical Lead"', 'role = " "'), 4, "people.lead.role: it is empty."),
    "a role that is no text": (('role = "Technical Lead"', "role = 1"), 4, "people.lead.role: it is no text."),
    "a bad zone": (('zone = "America/Denver"', 'zone = "America/Denvr"'), 1, "no time zone 'America/Denvr'."),
    "a zone that leads elsewhere": (('zone = "America/Denver"', 'zone = "../passwd"'), 1, "no time zone '../passwd'."),
    "hours without a zone": (('zone = "America/Denver"\n', ""), 4, "people.lead.hours: they have no zone."),
    "hours in words": (('"Mon-Fri 09:00-17:00"', '"Business hours"'), 5, "'Business hours' is neither 24/7"),
    "a day that is none": (('"Mon-Fri 09:00-17:00"', '"Mon-Fry 09:00-17:00"'), 5, "'Fry' is no day"),
    "a time that is none": (('"Mon-Fri 09:00-17:00"', '"Mon 09:00-25:00"'), 5, "'25:00' is no time of the day"),
    "hours without end": (('"Mon-Fri 09:00-17:00"', f'"{"Mon" * 500}"'), 5, "'MonMonMon"),
    "no length": (('"Mon-Fri 09:00-17:00"', '"Mon 09:00-09:00"'), 5, "'Mon 09:00-09:00' has no length"),
    "no hours": (('hours = "Mon-Fri 09:00-17:00"\n', ""), 3, "people.lead.hours: it is missing."),
    "a deputy who is nobody": (('deputy = "duty"', 'deputy = "dutty"'), 6, "there is no 'dutty'."),
    "a vendor as deputy": (('deputy = "duty"', 'deputy = "stripe"'), 6, "'stripe' is a vendor."),
    "nobody's deputy": (('deputy = "duty"', 'deputy = "lead"'), 6, "nobody stands in for himself."),
    "an id of two": (("[vendors.stripe]", "[vendors.duty]"), 14, "vendors.duty: people has it too."),
    "a kind that is none": (('"email: duty@clinic.example"', '"fax: 1"'), 12, "a channel has a kind that is none."),
    "no kind": (('"email: duty@clinic.example"', '"duty"'), 12, "a channel has no kind."),
    "a secret in the open": (
        ('"slack: PEAKOPS_PAGE_LEAD"', '"slack: https://hooks.slack.example/T0/hunter2"'),
        7,
        "people.lead.channels: its slack names no variable.",
    ),
    "a file as variable": (('"slack: PEAKOPS_PAGE_LEAD"', '"slack: PEAKOPS_PAGE_LEAD_FILE"'), 7, "names no variable."),
    "no e-mail": (('"email: duty@clinic.example"', '"email: duty at clinic"'), 12, "its email is none."),
    "a phone of one country": (('"phone: +1 303 555 0100"', '"phone: 303 555 0100"'), 12, "its phone is none."),
    "a phone with (0)": (('"phone: +1 303 555 0100"', '"phone: +49 (0)30 5550100"'), 12, "its phone is none."),
    "no address of the web": (
        ('"url: https://support.stripe.com"', '"url: support.stripe.com"'),
        18,
        "its url is none.",
    ),
    "channels that are no list": (('["slack: PEAKOPS_PAGE_LEAD"]', '"x"'), 7, "it is no list of texts."),
    "no tier": ((SOUND[SOUND.index("[tiers.1]") :], ""), 0, "There is no tier: nobody is called."),
    "a gap in the numbers": (("[tiers.2]", "[tiers.3]"), 24, "tiers.3: tiers are numbered from 1 without a gap"),
    "a tier of nobody": (('contacts = ["lead"]', "contacts = []"), 22, "tiers.1.contacts: nobody is in this tier."),
    "a tier of a stranger": (('contacts = ["lead"]', 'contacts = ["led"]'), 22, "tiers.1.contacts: there is no 'led'."),
    "a vendor for everything": (
        ('contacts = ["lead"]', 'contacts = ["lead", "stripe"]'),
        22,
        "tiers.1.contacts: 'stripe' is never called by a tier of the mode auto.",
    ),
    "a person who waits for a vendor's fault": (
        ('contacts = ["stripe"]', 'contacts = ["stripe", "duty"]'),
        26,
        "tiers.2.contacts: 'duty' is never called by a tier of the mode confirm.",
    ),
    "no delay": (('after = "15m"\n', ""), 24, "tiers.2.after: it is missing."),
    "a delay of nothing": (('after = "15m"', 'after = "0m"'), 27, "tiers.2.after: '0m' is no delay."),
    "a delay that is none": (('after = "15m"', 'after = "-5m"'), 27, "tiers.2.after: '-5m' is not a length of time"),
    "a first tier that waits": (('contacts = ["lead"]', 'contacts = ["lead"]\nafter = "5m"'), 23, "called at once."),
    "a severity that is none": (('severity = "critical"', 'severity = "sev1"'), 28, "'sev1' is none of"),
    "a mode that is none": (('mode = "confirm"', 'mode = "manual"'), 29, "'manual' is none of auto, confirm."),
    "a delay that is open": (('after = "15m"', 'after = "TBD"'), 27, "must be known before anybody can be called."),
    "a zone that is open": (('"America/Denver"', '"tbd"'), 1, "zone: it must be known before anybody can be called."),
    "a person's name as id": (("[vendors.stripe]", '[vendors."Jane Doe"]'), 14, "vendors has a name that is none"),
    "an array of tables": (("[people.lead]", "[[people.lead]]"), 3, "people.lead is no table."),
    "a zone that stands still": (('"America/Denver"', '"EST"'), 1, "'EST' is no place's clock"),
    "a zone of this machine": (('"America/Denver"', '"localtime"'), 1, "'localtime' is no place's clock"),
    "a key twice inline": (
        ("[people.lead]", "people.x = {a = 1, a = 2}\n[people.lead]"),
        3,
        "second time in its table",
    ),
    "a list of addresses": (('"email: duty@clinic.example"', '"email: a@b.example;c@d.example"'), 12, "email is none."),
    "a control character": (("duty@clinic", "du\\u001bty@clinic"), 12, "email is none."),
    "behind a line of Unicode's": (
        ('role = "Technical Lead"', 'role = "Technical\u2028Lead"\nhour = 1'),
        5,
        "nothing reads this key",
    ),
    "a number without end": (("[people.lead]", f"x = {'1' * 5000}\n[people.lead]"), 0, "A number in it is too long"),
    "lists without end": (("[people.lead]", f"x = {'[' * 3000}\n[people.lead]"), 0, "or a list too deep."),
    "no table": (("[people.lead]", "people.boss = 1\n[people.lead]"), 3, "people.boss is no table."),
}
"""What is changed in the sound file, the line on which it is told, and a part of the sentence."""


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_with_its_line(name, written):
    """78 with file and line in the sentence, and a hint how to mend it; what may be a secret is not said again."""
    change, line, says = WRONG[name]
    file = written(change)

    with pytest.raises(NotConfigured) as raised:
        contacts.load(file)
    (first, *_) = contacts.read(file).flaws

    assert ("contacts.malformed", 78) == (raised.value.code, raised.value.exit_code)
    assert raised.value.says.startswith(f"{file}, line {line}: " if line else f"{file}: ")
    assert says in raised.value.says
    assert first.hint
    assert len(first.says) < 210
    assert raised.value.hint.startswith(first.hint)
    assert "hunter2" not in f"{raised.value.says}{raised.value.hint}"


NAMED = {
    "id": ("[people.lead]", '[people."Jane Doe"]\nrolle = 1'),
    "an id twice": ("[people.lead]", '[people."Jane Doe"]\n[people."Jane Doe"]'),
    "an inline id twice": ("[people.lead]", '[people]\nx = {"Jane Doe" = 1, "Jane Doe" = 2}\n[people.lead]'),
    "an id of two": ("[people.lead]", '[vendors."Jane Doe"]\n[people."Jane Doe"]'),
    "deputy": ('deputy = "duty"', 'deputy = "Jane Doe"'),
    "tier": ('contacts = ["lead"]', 'contacts = ["Jane Doe"]'),
    "kind": ('"slack: PEAKOPS_PAGE_LEAD"', '"Jane: +1 303 555 0100"'),
    "address": ('"slack: PEAKOPS_PAGE_LEAD"', '"email: Jane Doe <jane@clinic.example>"'),
    "key": ('deputy = "duty"', '"Jane Doe" = "+1 303 555 0100"'),
    "top": ('zone = "America/Denver"', '"jane@clinic.example" = "Jane Doe"'),
}


@pytest.mark.parametrize("name", NAMED)
def test_what_may_be_a_name_or_an_address_is_told_by_its_line_alone(name, written):
    """Wherever a person is written by name instead of id, no fault says it again."""
    flaws = contacts.read(written(NAMED[name])).flaws
    told = "".join(f"{each.says}{each.hint}" for each in flaws).lower()

    assert flaws
    assert flaws[0].line
    for each in ("jane", "doe", "0100"):
        assert each not in told


def test_everything_that_is_wrong_is_told_at_once(written):
    """Each fault with its own line, in the order of the file."""
    file = written(('role = "Technical Lead"', "role = 1"), ('after = "15m"', 'after = "soon"'), ("+1 303", "303"))

    assert [4, 12, 27] == [each.line for each in contacts.read(file).flaws]


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (b"zone = 'UTC'\n\xff\n", 2, "it is no UTF-8."),
        (b"zone = ", 1, "This is no TOML: Invalid value."),
        (b'[people.x]\nrole = """open\n', 3, "This is no TOML: Unterminated string."),
    ],
)
def test_a_file_that_cannot_be_read_is_told(text, line, says, tmp_path):
    """The line where reading ended, also at the end of the file."""
    file = tmp_path / "contacts.toml"
    file.write_bytes(text)

    assert [(line, says)] == [(each.line, each.says) for each in contacts.read(file).flaws]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (Path.mkdir, "Is a directory"),
        (os.mkfifo, "Not a plain file"),
        (lambda file: file.symlink_to("/dev/zero"), "Not a plain file"),
        (lambda file: file.symlink_to(file), "Too many levels of symbolic links"),
        (lambda file: file.write_bytes(b"#" * 1_000_001), "Larger than 1 MB"),
    ],
)
def test_what_is_no_file_is_told_at_once(make, says, tmp_path):
    """What cannot be opened, never ends, or is no file of contacts, is a fault of the whole."""
    file = tmp_path / "contacts.toml"
    make(file)

    assert [(0, f"it cannot be read: {says}.")] == [(each.line, each.says) for each in contacts.read(file).flaws]


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_a_file_of_another_system(end, tmp_path):
    """A byte order mark, and other ends of lines, as editors write them, are no fault and move no line."""
    file = tmp_path / "contacts.toml"
    file.write_bytes(b"\xef\xbb\xbf" + SOUND.replace('after = "15m"', 'after = "soon"').replace("\n", end).encode())

    assert [27] == [each.line for each in contacts.read(file).flaws]


def test_what_a_word_processor_makes_of_a_text(book):
    """Dashes and spaces of hours as they are pasted; a role is one line, whatever is in it."""
    found = book(
        ("Mon-Fri 09:00-17:00", "Mon\u2013Fri\u00a009:00\u201417:00"), ("Technical Lead", "Technical\\n \\u001bLead")
    ).contact("lead")

    assert (hours.parsed("Mon-Fri 09:00-17:00"), "Technical Lead") == (found.hours, found.role)


@pytest.fixture
def no_zones(monkeypatch):
    """A machine without time zones: no folder of the system's, no package."""
    monkeypatch.setitem(sys.modules, "tzdata", None)
    zoneinfo.reset_tzpath(to=())
    zoneinfo.ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath()


def test_without_zone_data_it_is_said_what_to_install(written, no_zones):
    """The sentence is not that the zone is wrong; UTC and who is there at all hours need no data."""
    (flaw,) = contacts.read(written()).flaws
    plain = contacts.load(written(("America/Denver", "UTC")))

    assert (1, "zone: 'America/Denver' cannot be looked up: this machine has no time zone data.") == (
        flaw.line,
        flaw.says,
    )
    assert "tzdata" in flaw.hint
    assert ["lead"] == [each.id for each in plain.reached(plain.tiers[0], NOW)]


OPEN = {
    "name": (('role = "Technical Lead"', 'role = "Technical Lead"\nname = "TBD"'), 5, "people.lead.name"),
    "role": (('role = "Technical Lead"', 'role = "tbd"'), 4, "people.lead.role"),
    "hours": (('hours = "Mon-Fri 09:00-17:00"', 'hours = "TBD"'), 5, "people.lead.hours"),
    "deputy": (('deputy = "duty"', 'deputy = " Tbd "'), 6, "people.lead.deputy"),
    "channels": (('["slack: PEAKOPS_PAGE_LEAD"]', '"TBD"'), 7, "people.lead.channels"),
    "a channel": (('"slack: PEAKOPS_PAGE_LEAD"', '"TBD"'), 7, "people.lead.channels"),
    "an address": (('"slack: PEAKOPS_PAGE_LEAD"', '"phone: tbd"'), 7, "people.lead.channels"),
    "no address": (('"slack: PEAKOPS_PAGE_LEAD"', '"phone:"'), 7, "people.lead.channels has a channel that is empty"),
    "an empty channel": (('"slack: PEAKOPS_PAGE_LEAD"', '""'), 7, "people.lead.channels has a channel that is empty"),
    "a name to be looked up": (('deputy = "duty"', 'name = "TBD, see the list"'), 6, "people.lead.name"),
    "a phone to be asked for": (
        ('"slack: PEAKOPS_PAGE_LEAD"', '"phone: TBD (ask the office)"'),
        7,
        "people.lead.channels",
    ),
    "an address in its place": (
        ('"slack: PEAKOPS_PAGE_LEAD"', '"email: tbd@clinic.example"'),
        7,
        "people.lead.channels",
    ),
    "no channel": (('channels = ["slack: PEAKOPS_PAGE_LEAD"]\n', ""), 3, "people.lead.channels is empty"),
}
"""What is not known yet, the line, and how the sentence begins."""


@pytest.mark.parametrize("name", OPEN)
def test_what_is_tbd_is_told_and_the_rest_counts(name, book):
    """A flaw of its own with its line; the book can be used all the same."""
    change, line, says = OPEN[name]
    (flaw,) = book(change).flaws

    assert ("tbd", line) == (flaw.code, flaw.line)
    assert flaw.says.startswith(says)


def test_who_has_no_channel_is_never_there(book):
    """Whoever cannot be called is not called: the deputy is."""
    found = book(('"slack: PEAKOPS_PAGE_LEAD"', '"TBD"'))

    assert ["duty"] == [each.id for each in found.reached(found.tiers[0], NOW + timedelta(hours=3))]


def test_the_rows_of_the_operations_playbook_are_tbd(book):
    """The two rows that the playbook has itself, Technical Lead and On-Call Engineer, are found with their lines."""
    text = SOUND.replace('["slack: PEAKOPS_PAGE_LEAD"]', '["TBD"]').replace(
        '["email: duty@clinic.example", "phone: +1 303 555 0100"]', '["TBD"]'
    )

    assert [7, 12] == [each.line for each in book(text=text).flaws]


@pytest.mark.parametrize("text", ["", "# all of it\n# is commented out\n"])
def test_nothing_is_filled_in_yet(text, written):
    """A template is as good as no file, and it is said what to do."""
    with pytest.raises(NotConfigured, match="nothing is filled in yet") as raised:
        contacts.load(written(text=text))

    assert "contacts.missing" == raised.value.code


def test_no_file(tmp_path):
    """Its absence has a code of its own, and the command that writes one."""
    with pytest.raises(NotConfigured, match="there is no such file") as raised:
        contacts.load(tmp_path / "contacts.toml")

    assert ("contacts.missing", True) == (raised.value.code, "peakops init" in raised.value.hint)


def test_the_template_is_a_book_once_it_is_filled_in(book):
    """What 'peakops init' writes, without the #, is sound but for what is TBD."""
    text = "".join(
        f"{line[2:] if line.startswith('# ') and ('=' in line or '[' in line[:4]) else line}\n"
        for line in contacts_file().partition("\n\n")[2].splitlines()
    )
    found = book(text=text)

    assert {"tbd"} == {each.code for each in found.flaws}
    assert [1, 2, 3, 4] == [each.n for each in found.tiers]
    assert [0, 900, 1800, 900] == [each.after for each in found.tiers]


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def person(said, zone="America/Denver"):
    return Contact(id="x", role="x", availability=said, hours=hours.parsed(said), zone=zone, channels=("any",))


@pytest.mark.parametrize(
    ("said", "moment", "there"),
    [
        ("Mon-Fri 09:00-17:00", "2026-11-20T15:59", False),
        ("Mon-Fri 09:00-17:00", "2026-11-20T16:00", True),
        ("Mon-Fri 09:00-17:00", "2026-11-21T00:00", False),
        ("Fri 22:00-06:00", "2026-11-21T12:59", True),
        ("Fri 22:00-06:00", "2026-11-21T13:00", False),
        ("Fri 22:00-06:00", "2026-11-20T12:30", False),
        ("Sun 22:00-06:00", "2026-11-23T12:59", True),
        ("daily 18:00-08:00", "2026-11-20T14:59", True),
        ("daily 18:00-08:00", "2026-11-20T15:00", False),
        ("Sat-Mon 00:00-24:00", "2026-11-23T07:00", True),
        ("Sat-Mon 00:00-24:00", "2026-11-24T07:00", False),
        ("Mon 09:00-10:00, Fri 8:00-8:30", "2026-11-20T15:29", True),
        ("24/7", "2026-11-20T03:00", True),
    ],
)
def test_who_is_there(said, moment, there):
    """Hours by the contact's own clock; over midnight they belong to the day on which they begin."""
    assert there == person(said).there(at(moment))


@pytest.mark.parametrize(
    ("moment", "there"),
    [
        ("2026-03-08T08:59", True),  # 01:59, the last minute of winter
        ("2026-03-08T09:00", False),  # 03:00: 02:00 to 03:00 did not come
        ("2026-11-01T07:59", True),  # 01:59 of summer
        ("2026-11-01T08:00", True),  # 01:00 once more
        ("2026-11-01T09:30", True),  # 02:30 of winter
        ("2026-11-01T10:00", False),  # 03:00
    ],
)
def test_days_on_which_the_clock_is_changed(moment, there):
    """What a clock on the wall shows counts: an hour that comes twice counts twice, one that does not come never."""
    assert there == person("Sun 01:00-03:00").there(at(moment))


def test_deputies_stand_in_and_vendors_wait_for_nobody(book):
    """In its hours the contact, else its deputy; a vendor at any hour; each once."""
    evenings = ('["stripe"]\nhours = "24/7"', '["stripe"]\nhours = "daily 18:00-20:00"')
    found = book(('contacts = ["lead"]', 'contacts = ["lead", "duty"]'), evenings)
    team, vendors = found.tiers

    assert ["duty"] == [each.id for each in found.reached(team, NOW)]
    assert ["lead", "duty"] == [each.id for each in found.reached(team, NOW + timedelta(hours=2))]
    assert ["stripe"] == [each.id for each in found.reached(vendors, NOW)]


def test_somebody_who_is_always_there_is_called_rather_than_nobody(book):
    """Without a deputy whoever is there at all hours; nobody where there is no such person."""
    found = book(('deputy = "duty"\n', ""))
    bare = book(('deputy = "duty"\n', ""), ('hours = "24/7"', 'hours = "Sat 09:00-10:00"'))

    assert ["duty"] == [each.id for each in found.reached(found.tiers[0], NOW)]
    assert () == bare.reached(bare.tiers[0], NOW)


def gaps(found, unset=()):
    return [
        (each.stretch, each.first.isoformat()[:16], each.last.isoformat()[:10])
        for each in contacts.gaps(found, NOW, unset)
    ]


def test_the_sandbox_covers_every_minute():
    """The sandbox's own file is whole."""
    assert [] == gaps(contacts.load(SANDBOX))


def test_gaps_are_told_by_the_clocks_of_the_year(book):
    """A stretch for winter, one for summer, one for the next winter: in UTC they are not the same."""
    late = ('"Mon-Fri 09:00-17:00"', '"Sun-Thu 00:00-24:00, Fri 00:00-20:00"')
    found_gaps = gaps(book(('deputy = "duty"', ""), late, ('"24/7"', '"Sat 09:00-10:00"')))

    assert [
        ("Sat 03:00 to Sun 07:00", "2026-11-21T03:00", "2027-03-14"),
        ("Sat 02:00 to Sun 06:00", "2027-03-20T02:00", "2027-11-07"),
        ("Sat 03:00 to Sun 07:00", "2027-11-13T03:00", "2027-11-21"),
    ] == found_gaps


def test_a_gap_that_no_clock_moves_is_one(book):
    """Another person's clock is changed, and the stretch stays as it was: it is told once, for the whole year."""
    found = book(('"Mon-Fri 09:00-17:00"', '"Sun-Fri 00:00-24:00"\nzone = "UTC"'), ('"24/7"', '"Mon 10:00-11:00"'))

    assert [("Sat 00:00 to Sun 00:00", "2026-11-21T00:00", "2027-11-21")] == gaps(found)


def test_gaps_that_come_only_while_two_clocks_disagree(book):
    """In the weeks when Denver has summer and Berlin has not, and in no others, an hour of each evening is nobody's."""
    found = book(
        ('"Mon-Fri 09:00-17:00"', '"daily 09:00-20:00"'), ('"24/7"', '"daily 04:00-17:00"\nzone = "Europe/Berlin"')
    )
    lasting = [(stretch, first, last) for stretch, first, last in gaps(found) if stretch.startswith("Wed")]

    assert [
        ("Wed 02:00 to 03:00", "2027-03-17T02:00", "2027-03-28"),
        ("Wed 02:00 to 03:00", "2027-11-03T02:00", "2027-11-07"),
    ] == lasting


def test_who_cannot_be_called_by_the_clock_covers_nothing(book):
    """A phone alone, mail that nothing can send, and what stands behind a stdout do not count; a deputy does."""
    dialled = book(('"email: duty@clinic.example", ', ""))
    tried = book(('"email: duty@clinic.example"', '"stdout: -", "email: duty@clinic.example"'))
    unsent = contacts.gaps(book(), NOW, mail=False)

    assert ["the whole week"] == [stretch for stretch, *_ in gaps(dialled, {"PEAKOPS_PAGE_LEAD"})]
    for each in (*(contacts.gaps(each, NOW) for each in (dialled, tried)), unsent):
        assert "Tue 00:00 to 16:00" in [gap.stretch for gap in each]


def test_whoever_is_called_in_vain_has_somebody_behind(book):
    """Where the lead's channels fail, the deputy who is there; else, once, who is always there."""
    found, alone = book(), book(('deputy = "duty"\n', ""))
    noon = at("2026-11-20T19:00")

    for each in (found, alone):
        assert ["lead"] == [one.id for one in each.reached(each.tiers[0], noon)]
        assert ["duty"] == [one.id for one in each.spare(each.tiers[0], lambda one: one.there(noon))]
        assert () == each.spare(each.tiers[0], lambda one: one.there(NOW))
        assert [] == gaps(each, {"PEAKOPS_PAGE_LEAD"})


def test_who_can_only_be_dialled_is_not_called_alone(book):
    """The clock dials nobody: the deputy is called beside, or who is always there; a script is told both."""
    dialled = ('"slack: PEAKOPS_PAGE_LEAD"', '"phone: +1 303 555 0101"')
    found, alone = book(dialled), book(dialled, ('deputy = "duty"\n', ""))
    by_day = book(dialled, ('"24/7"', '"Fri 08:00-20:00"'))

    for each in (found, alone, by_day):
        assert ["lead", "duty"] == [one.id for one in each.reached(each.tiers[0], at("2026-11-20T19:00"))]
    assert [] == gaps(found)


def test_two_people_cover_each_other(book):
    """Each is the other's deputy: who is there is called, and nobody is looked for without end."""
    found = book(('hours = "24/7"', 'hours = "Sat 09:00-17:00"\ndeputy = "lead"'))

    assert ["lead"] == [each.id for each in found.reached(found.tiers[0], at("2026-11-20T19:00"))]
    assert ["duty"] == [each.id for each in found.reached(found.tiers[0], at("2026-11-21T19:00"))]
    assert () == found.reached(found.tiers[0], at("2026-11-21T05:00"))


ZONES = ("America/Denver", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC", "Africa/Casablanca")
SPAN = st.tuples(st.integers(0, 10_079), st.integers(1, 5_000)).map(lambda each: (each[0], sum(each)))
PEOPLE = st.lists(st.tuples(st.lists(SPAN, min_size=1, max_size=3), st.sampled_from(ZONES)), min_size=1, max_size=3)


@settings(max_examples=30, deadline=None)
@given(PEOPLE, st.lists(st.integers(0, 366 * 1440 - 1), min_size=30, max_size=30))
def test_a_minute_is_in_a_gap_if_and_only_if_nobody_is_there(people, minutes):
    """Whatever the hours and zones, at any minute of the year: both ways of looking say the same."""
    ids = tuple(str(number) for number in range(len(people)))
    channel = contacts.Channel(kind="email", value="a@b.example")
    listed = tuple(
        Contact(id=id, role="x", hours=hours.merged(spans), zone=zone, channels=(channel,))
        for id, (spans, zone) in zip(ids, people, strict=True)
    )
    tier = contacts.Tier(n=1, name="x", contacts=ids)
    found = contacts.gaps(contacts.Book(file=Path("x"), people=listed, tiers=(tier,)), NOW)

    for each in minutes:
        moment = NOW + timedelta(minutes=each)
        nobody = not any(one.there(moment) for one in listed)
        minute = hours.minute_of(moment)
        told = any(
            gap.first <= moment < gap.last and (gap.begins <= minute < gap.ends or minute + 10_080 < gap.ends)
            for gap in found
        )
        assert nobody == told, moment


def test_since_when_and_until_when(book):
    """By whole minutes, over a weekend; None where it never changes."""
    found = book(('"Mon-Fri 09:00-17:00"', '"Mon-Fri 09:10-17:00"'))
    lead, duty = (found.contact(each) for each in ("lead", "duty"))

    assert 5 == contacts.step(found)
    assert at("2026-11-20T16:10") == contacts.until(lead.there, NOW, 5)
    assert at("2026-11-20T00:00") == contacts.since(lead.there, NOW, 5)
    assert at("2026-11-20T16:10") == contacts.until(lead.there, NOW + timedelta(minutes=3, seconds=7), 5)
    assert at("2026-11-23T16:10") == contacts.until(lead.there, at("2026-11-21T12:00"), 5)
    assert (None, None) == (contacts.since(duty.there, NOW, 5), contacts.until(duty.there, NOW, 5))


TEXT = '''\
top = 1 # [no.table]
[a.b] # a table
  key = """
[people.inside]
key2 = 1
"""
list = [
  "one = 1",
  "two",
]
"quoted key" = 'x'
a.dotted = 2
[  c . "d e"  ]
x = 1
'''


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        (("top",), "", 1),
        (("a", "b"), "", 2),
        (("a", "b", "key"), "", 3),
        (("people", "inside"), "", 0),
        (("a", "b", "list"), "", 7),
        (("a", "b", "list"), '"two"', 9),
        (("a", "b", "list"), '"three"', 7),
        (("a", "b", "quoted key"), "", 11),
        (("a", "b", "a", "dotted"), "", 12),
        (("a", "b", "not there"), "", 2),
        (("c", "d e", "x"), "", 14),
        (("nowhere",), "", 0),
    ],
)
def test_lines_of_a_text(path, value, line):
    """Tables, keys and values of a list are found; what stands in a text is none; what is not found is its table."""
    assert line == Lines(TEXT).of(path, value)


def test_it_is_read_and_checked_in_no_time():
    """At most 20 ms for the sandbox's file, the year's weeks included; the best of five, since others work here too."""

    def once():
        begun = time.perf_counter()
        contacts.gaps(contacts.load(SANDBOX), NOW)
        return time.perf_counter() - begun

    assert min(once() for _ in range(5)) < 0.020


@contextmanager
def name_server(answer):
    """A name server on this machine that gives each question this answer: a status, and records (type, data)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as served:
        served.bind(("127.0.0.1", 0))
        served.settimeout(5)

        def serve():
            while True:
                try:
                    asked, who = served.recvfrom(512)
                except OSError:
                    return
                status, records = answer(struct.unpack(">H", asked[-4:-2])[0])
                head = asked[:2] + struct.pack(">5H", 0x8180 | status, 1, len(records), 0, 0)
                told = b"".join(struct.pack(">HHHIH", 0xC00C, kind, 1, 60, len(data)) + data for kind, data in records)
                served.sendto(head + asked[12:] + told, who)

        threading.Thread(target=serve, daemon=True).start()
        yield served.getsockname()


MX = (15, b"\x00\x0a\x04mail\xc0\x0c")


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({15: (0, [MX])}, (True, "MX")),
        ({15: (0, [(5, b"\xc0\x0c"), MX])}, (True, "MX")),
        ({15: (0, [(15, b"\x00\x00\x00")])}, (False, "it says that it takes no mail")),
        ({15: (0, []), 1: (0, [(1, b"\x7f\0\0\x01")])}, (True, "an address, no MX")),
        ({15: (0, []), 1: (0, [])}, (False, "neither MX nor an address")),
        ({15: (0, []), 1: (2, [])}, (False, "the name server refuses (2)")),
        ({15: (3, [])}, (False, "there is no such domain")),
        ({15: (5, [])}, (False, "the name server refuses (5)")),
    ],
)
def test_whether_a_domain_takes_mail(answers, expected):
    """MX, else an address of its own; a domain may say that it takes none."""
    with name_server(answers.__getitem__) as server:
        assert expected == takes_mail("clinic.example", server, 2)


def test_a_name_server_that_says_nothing():
    """It is not waited for longer than is given."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))

        assert (False, "the name server does not answer") == takes_mail("clinic.example", silent.getsockname(), 0.05)


class Site(BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.send_response({"/gone": 404, "/down": 503}.get(self.path, 403))
        self.end_headers()

    def log_message(self, *_):
        pass


def test_the_addresses_are_asked(book):
    """A web site that answers anything but an absence, and mail domains once each, also one of a site's name."""
    site = HTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    here = f"http://127.0.0.1:{site.server_port}"
    sites = ", ".join(f'"url: {here}/{each}"' for each in ("fine", "gone", "down"))
    found = book(
        ('"url: https://support.stripe.com"', sites),
        ('"phone: +1', '"email: b@clinic.example", "email: b@127.0.0.1", "phone: +1'),
    )
    with name_server(lambda _: (0, [MX])) as server:
        rows = contacts_probe.answers(found, time.monotonic() + 5, server).rows
    site.shutdown()

    assert [("duty", each, True, "MX") for each in ("clinic.example", "127.0.0.1")] == [
        tuple(each.values()) for each in rows[:2]
    ]
    assert [(True, "HTTP 403"), (False, "HTTP 404"), (False, "HTTP 503")] == [
        (each["answers"], each["says"]) for each in rows[2:]
    ]


CHECKED, SHOWN, ON_CALL = (
    jsonschema.Draft202012Validator(schema.of(name)) for name in ("contacts check", "contacts show", "oncall now")
)


def test_the_sandbox_is_in_order(peakops):
    """0 in both forms; the envelope keeps its schema, and holds no address of a person."""
    script, page = peakops("--sandbox", "contacts", "check", "--json"), peakops("--sandbox", "contacts", "check")

    CHECKED.validate(script.json)
    assert (0, 0, "reachable") == (script.code, page.code, script.json["verdict"]["code"])
    assert "303" not in script.out
    assert "@" not in script.out


FAULTY = {
    "malformed": (
        ("mode = ", "mod = "),
        "malformed",
        2,
        "line 29: tiers.2.mod: nothing reads this key. Did you mean mode?",
    ),
    "tbd": (('"slack: PEAKOPS_PAGE_LEAD"', '"TBD"'), "contact_tbd", 2, "line 7: people.lead.channels has a channel"),
    "uncovered": (
        (
            SOUND[SOUND.index('deputy = "duty"') : SOUND.index('channels = ["email')],
            'channels = ["slack: PEAKOPS_PAGE_SLACK"]\n[people.duty]\nrole = "Duty"\nhours = "Sat 09:00-10:00"\n',
        ),
        "uncovered",
        1,
        "UTC, until 14 Mar 2027 09:00 UTC: Tue 00:00 to 16:00, ",
    ),
    "unset": (("zone", "zone"), "channel_missing", 1, "Not set: PEAKOPS_PAGE_LEAD (lead)."),
}


@pytest.mark.parametrize("name", FAULTY)
def test_a_faulty_file_is_a_finding(name, written, peakops):
    """The verdict, and the sentence with its place."""
    change, verdict, code, says = FAULTY[name]
    ran = peakops("--sandbox", "contacts", "check", "--json", PEAKOPS_CONTACTS=str(written(change)))

    CHECKED.validate(ran.json)
    assert (verdict, code) == (ran.json["verdict"]["code"], ran.code)
    assert says in ran.json["verdict"]["says"]


def test_what_the_playbook_itself_lists_is_found_wanting(written, peakops):
    """An old address, vendors that it forgets, roles that nobody has: each a finding beside the others."""
    file = written(('"url: https://support.stripe.com"', '"email: support@supabase.io"'))
    ran = peakops("--sandbox", "contacts", "check", "--json", PEAKOPS_CONTACTS=str(file))
    said = {each["code"]: each["says"] for each in ran.json["findings"]}

    assert "No vendor of the file answers for supabase, vercel, ups, salesforce" in said["vendor_missing"]
    assert "Of an old domain, supabase.io: stripe." == said["playbook_contact_old"]
    assert "Nobody in the file is a security lead or a privacy officer." == said["role_missing"]


def test_no_file_is_critical(tmp_path, peakops):
    """2, and the file that is missing is named; who is on call cannot be told then: 78."""
    file = tmp_path / "contacts.toml"
    ran = peakops("--sandbox", "contacts", "check", "--json", PEAKOPS_CONTACTS=str(file))
    asked = peakops("--sandbox", "oncall", "--json", PEAKOPS_CONTACTS=str(file))

    assert ("no_file", 2, f"{file}: there is no such file.") == (
        ran.json["verdict"]["code"],
        ran.code,
        ran.json["verdict"]["says"],
    )
    assert (78, "contacts.missing") == (asked.code, asked.json["error"]["code"])


def test_who_is_on_call(peakops):
    """For each tier of people who, instead of whom, since and until when, and who is next; numbers are masked."""
    ran = peakops("--sandbox", "oncall", "--at", "2026-11-21T03:00:00Z", "--json")
    first = ran.json["data"]["items"][0]

    ON_CALL.validate(ran.json)
    assert [(1, "on-call"), (2, "on-call"), (3, "on-call")] == [
        (each["tier"], each["id"]) for each in ran.json["data"]["items"]
    ]
    assert (["support"], "2026-11-21T02:00:00Z", "2026-11-23T14:00:00Z", ["support"]) == tuple(
        first[each] for each in ("instead_of", "since", "until", "then")
    )
    assert "…11" == first["channels"][-1]["value"]
    assert "2026-11-20T20:00-07:00" == first["local"]


def test_numbers_are_shown_where_a_reason_is_given(peakops):
    """--reveal shows them, and leaves its line in the journal; without a reason it is refused."""
    ran = peakops("--sandbox", "oncall", "--reveal", "--reason", "calling for INC-7")
    journal = peakops("--sandbox", "journal", "--kind", "revealed", "--json")

    assert "phone +13035550110" in ran.out
    assert "calling for INC-7" == journal.json["data"]["items"][0]["detail"]["reason"]
    assert 64 == peakops("--sandbox", "oncall", "--reveal").code


def test_everybody_is_shown_or_those_who_are_named(peakops):
    """All; one by id, or by what it answers for; 14 for a stranger."""
    every = peakops("--sandbox", "contacts", "--json")
    some = peakops("--sandbox", "contacts", "show", "resend", "on-call", "--json")

    SHOWN.validate(every.json)
    assert 12 == len(every.json["data"]["items"])
    assert ["on-call", "email"] == [each["id"] for each in some.json["data"]["items"]]
    assert 14 == peakops("--sandbox", "contacts", "show", "nobody").code


def test_nobody_is_a_warning(written, peakops):
    """1 where nobody of a tier can be called, and both people and scripts are told; with its line what is TBD."""
    file = written(('hours = "24/7"', 'hours = "TBD"'))
    page = peakops("--sandbox", "oncall", PEAKOPS_CONTACTS=str(file))
    script = peakops("--sandbox", "oncall", "--json", PEAKOPS_CONTACTS=str(file))

    assert (1, 1) == (page.code, script.code)
    assert [
        "Tier 1, Technical Lead: nobody can be called.",
        f"{file}, line 11: people.duty.hours is not known yet (TBD).",
    ] == script.json["warnings"]
    assert all(each in page.out.splitlines() for each in script.json["warnings"])


@pytest.mark.parametrize("said", ["soon", "9999-12-31T23:59:59Z", "0001-01-01"])
def test_a_time_that_is_none(said, peakops):
    """64 for a moment that cannot be read, or is beyond all calendars."""
    assert 64 == peakops("--sandbox", "oncall", "--at", said).code


@pytest.mark.parametrize(("said", "told"), [("8h", "07:00 UTC (8 h 0 min ago)"), ("+8h", "23:00 UTC (in 8 h 0 min)")])
def test_a_time_is_told_as_it_was_taken(said, told, peakops):
    """8h is past and +8h is to come; whoever took one for the other sees it."""
    assert told in peakops("--sandbox", "oncall", "--at", said).out


def test_another_setting_that_is_wrong_hides_nobody(written, peakops):
    """Who is on call is told all the same, with what is wrong; an environment that is none is an error."""
    given = {"PEAKOPS_CONTACTS": str(written()), "PEAKOPS_STRIPE_API_KEY": "nonsense"}
    ran, shown = peakops("oncall", "--json", **given), peakops("contacts", "show", "duty", **given)

    assert (0, "duty") == (ran.code, ran.json["data"]["items"][0]["id"])
    assert ran.json["warnings"][0].startswith("PEAKOPS_STRIPE_API_KEY: it is not a Stripe key")
    assert (0, True) == (shown.code, "PEAKOPS_STRIPE_API_KEY: it is not a Stripe key" in shown.out)
    assert 78 == peakops("--env", "nowhere", "oncall", **given).code


def test_a_hint_names_the_environment(written, peakops):
    """'contacts check' without it would look at another file."""
    ran = peakops("--sandbox", "oncall", "--json", PEAKOPS_CONTACTS=str(written(("mode = ", "mod = "))))

    assert "Run 'peakops --sandbox contacts check'" in ran.json["error"]["hint"]


def test_of_a_person_s_page_only_the_host_is_shown(written, peakops):
    """What stands behind it may be a name or a token; a vendor's is shown whole."""
    file = written(('"phone: +1 303 555 0100"', '"url: https://jane:pw@clinic.example/jane-doe?token=1"'))
    given = {"PEAKOPS_CONTACTS": str(file)}
    masked, script = peakops("--sandbox", "contacts", **given), peakops("--sandbox", "oncall", "--json", **given)
    revealed = peakops("--sandbox", "contacts", "--reveal", "--reason", "to write", **given)

    assert "url https://clinic.example/…" in masked.out
    assert "https://support.stripe.com" in masked.out
    assert "jane" not in masked.out + script.out
    assert "/jane-doe?token=1" in revealed.out


def test_tiers_of_vendors_alone_are_nobody(written, peakops):
    """1: an empty answer would read as all well."""
    file = written(('contacts = ["lead"]', 'contacts = ["stripe"]\nmode = "confirm"'))
    ran = peakops("--sandbox", "oncall", "--json", PEAKOPS_CONTACTS=str(file))

    assert (1, ["No tier has anybody of the team in it: nobody is on call."]) == (ran.code, ran.json["warnings"])


def test_what_a_channel_needs_is_looked_for(written, monkeypatch, tmp_path):
    """Mail needs a provider, a sender and a key that writes; a webhook an address that is one. What is there is not."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("PEAKOPS_CONTACTS", str(written()))
    monkeypatch.setenv("PEAKOPS_PAGE_LEAD", "#on-call")

    def lacking():
        source = Contacts(load(None), deadline=time.monotonic() + 5)
        return {each["variable"]: each["why"] for each in source.unset().rows}, len(source.gaps().rows)

    without = lacking()
    monkeypatch.setenv("PEAKOPS_EMAIL_PROVIDER", "resend")
    half = lacking()
    monkeypatch.setenv("PEAKOPS_EMAIL_FROM", "portal@clinic.example")
    monkeypatch.setenv("PEAKOPS_RESEND_WRITE_KEY", "re_123456789012345678901234")
    monkeypatch.setenv("PEAKOPS_PAGE_LEAD", "https://hooks.slack.com/services/T0/B0/x")

    bare = {"PEAKOPS_PAGE_LEAD": "no https address"}
    assert ({**bare, "PEAKOPS_EMAIL_PROVIDER": "not set", "PEAKOPS_EMAIL_FROM": "not set"}, 1) == without
    assert ({**bare, "PEAKOPS_RESEND_WRITE_KEY": "not set", "PEAKOPS_EMAIL_FROM": "not set"}, 1) == half
    assert ({}, 0) == lacking()


def test_the_doctor_looks_at_the_file_too(written, peakops):
    """A fault is critical there, with its line; the sandbox's own file is in order."""
    faulty = written(('"slack: PEAKOPS_PAGE_LEAD"', '"TBD"'))
    ran = peakops("--sandbox", "doctor", "contacts", "--json", PEAKOPS_CONTACTS=str(faulty))
    sound = peakops("--sandbox", "doctor", "contacts", "--json")

    assert ("contacts_faulty", 2, 0) == (ran.json["verdict"]["code"], ran.code, sound.code)
    assert "line 7" in ran.json["verdict"]["says"]
