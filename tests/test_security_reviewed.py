"""What an attacker, or an odd log, does to `security investigate`: floods, spellings, long agents; end to end."""

import copy
import shlex

import pytest

from peakops import sandbox

ANNA = "55555555-5555-4555-8555-000000000101"
LETTERS = "5a5a5a5a-5555-4555-8555-00000000abcd"
SMILE = "22222222-2222-4222-8222-000000000001"
CHROME, TOOL = "Mozilla/5.0 (Windows NT 10.0) Chrome/131.0", "python-requests/2.32"
STRANGE = "198.51.100.77"


def noted(at, action="auth.login", **said):
    base = {"created_at": at, "user_id": ANNA, "practice_id": SMILE, "action": action}
    return {**base, "ip_address": "203.0.113.24", "user_agent": CHROME, **said}


@pytest.fixture
def investigate(peakops, load):
    """Load a world with more in its log, and investigate Anna."""

    def investigate(name, *entries, options=(), change=None, **changes):
        tables = copy.deepcopy(sandbox.named(f"security/{name}")["tables"])
        tables["audit_logs"] += entries
        if change:
            change(tables)
        load(f"security/{name}", tables=tables, **changes)
        return peakops("--sandbox", "security", "investigate", "anna@smilecare.example", *options, "--json")

    return investigate


def told(ran):
    return ran.json["verdict"]["code"], ran.code


def test_a_flood_of_failures_hides_nothing(investigate):
    """Three thousand failed log-ins after the take-over push neither it nor the habits out; the cut is said."""
    flood = [noted(f"-{30 + n % 8}m", "auth.login_failed", ip_address=STRANGE, user_agent=TOOL) for n in range(3100)]
    ran = investigate("burst_then_success", *flood)

    assert ("likely_compromised", 2) == told(ran)
    assert not ran.json["verdict"]["complete"]
    assert "more log-ins that failed" in " ".join(ran.json["warnings"])
    assert "203.0.113.24" in {each["ip"] for each in ran.json["data"]["timeline"]}


def test_a_flood_of_reading_clears_nobody(investigate):
    """Each request with another agent: what came before them is not seen, and nobody is called usual."""
    flood = [
        noted(f"-{1 + n % 40}h", "records.viewed", user_agent=f"{CHROME} {n}", resource_type="case")
        for n in range(2100)
    ]

    assert ("unclassified", 1) == told(investigate("quiet", *flood))


def test_a_log_of_other_things_alone_clears_nobody(investigate):
    """The portal writes, and neither log-ins nor reading: it shows nobody."""
    work = [noted(f"-{n}h", "case.synced", user_id=None) for n in range(1, 200)]

    def change(tables):
        tables["audit_logs"] = [each for each in tables["audit_logs"] if each["action"] == "case.synced"]

    ran = investigate("quiet", *work, change=change)

    assert ("unclassified", 1) == told(ran)
    assert "notes nobody's log-in or reading" in ran.json["verdict"]["says"]


def test_a_person_is_found_in_capitals_too(investigate):
    """A failed log-in that names the account in capitals is the account's."""
    failures = [
        noted(f"-{10 + n}m", "auth.login_failed", user_id=None, ip_address=STRANGE)
        | {"resource_type": "user", "resource_id": LETTERS.upper()}
        for n in range(9)
    ]

    def change(tables):
        for name, key in (
            ("users", "id"),
            ("auth.users", "id"),
            ("auth.sessions", "user_id"),
            ("audit_logs", "user_id"),
        ):
            for each in tables[name]:
                each[key] = LETTERS if each[key] == ANNA else each[key]

    ran = investigate("quiet", *failures, noted("-9m", ip_address=STRANGE), change=change)

    assert "failures_then_success" in {each["code"] for each in ran.json["data"]["signals"]}


@pytest.mark.parametrize("ip", [STRANGE, f"::ffff:{STRANGE}", "::ffff:c633:644d", f"{STRANGE}/32"])
@pytest.mark.parametrize("stored", [STRANGE, f"::ffff:{STRANGE}"])
def test_an_address_is_found_in_every_spelling(ip, stored, investigate):
    """A server that listens on both versions of IP notes IPv4 within IPv6."""
    ben = ANNA.replace("101", "102")
    begun = {"id": LETTERS, "user_id": ben, "ip": stored, "created_at": "-3h", "updated_at": "-2h", "aal": "aal1"}

    def change(tables):
        tables["auth.sessions"].append(begun)

    other = noted("-2h", user_id=ben, ip_address=stored)
    ran = investigate("quiet", other, options=("--ip", ip), change=change)

    assert [("sessions", "b…@smilecare.example"), ("portal", "b…@smilecare.example")] == [
        (each["source"], each["email"]) for each in ran.json["data"]["shared"]["address"]
    ]


@pytest.mark.parametrize("ip", ["fe80::1%eth0", "198.51.100.0/24", "0x7f.1", "198.051.100.77"])
def test_what_is_no_single_address_is_refused(ip, peakops):
    """Before it is asked of anybody."""
    assert 64 == peakops("--sandbox", "security", "investigate", "anna@smilecare.example", "--ip", ip).code


def test_a_long_agent_and_its_escapes_stay_small(investigate):
    """Ten thousand characters of an agent are cut; nothing of it is markup or moves the cursor."""
    agent = "[red]\x1b[31m\u202e" + "x" * 10_000
    ran = investigate("quiet", *(noted(f"-{n}h", user_agent=agent) for n in range(1, 50)))

    told = [ran.json["data"], *(each["rows"] for each in ran.json["evidence"] if each["name"] == "history")]

    assert "x" * 400 in str(told)
    assert "x" * 501 not in str(told)
    assert not {"\x1b", "\u202e"} & set(ran.out)


def test_what_is_named_next_can_be_pasted(investigate, peakops, tmp_path, monkeypatch):
    """The evidence goes into a folder that the command names."""
    monkeypatch.chdir(tmp_path)
    ran = investigate("burst_then_success")
    words = next(shlex.split(each) for each in ran.json["next"] if "evidence" in each)

    assert 0 == peakops("--sandbox", *words[1:]).code
    assert (tmp_path / "evidence" / "bagit.txt").exists()
