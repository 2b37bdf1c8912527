"""Every world of access trouble end to end, in a real process: the page, the envelope and the exit code."""

import json
import re

import jsonschema
import pytest

from peakops.render import schema

from .conftest import WORLDS
from .test_worlds import golden
from .test_worlds import steady as timeless

ANNA, OTHER = "55555555-5555-4555-8555-000000000101", "55555555-5555-4555-8555-000000000102"
SMILE, HARBOR = "22222222-2222-4222-8222-000000000001", "22222222-2222-4222-8222-000000000002"
MAIL = "anna@smilecare.example"
EXPECTED = {
    "address_apostrophe": ("can_log_in", None, 0),
    "address_decomposed": ("can_log_in", None, 0),
    "address_mixed_case": ("can_log_in", None, 0),
    "address_plus": ("can_log_in", None, 0),
    "address_quoted": ("can_log_in", None, 0),
    "address_unicode": ("can_log_in", None, 0),
    "anonymous_account": ("unclassified", None, 1),
    "auth_account_missing": ("auth_account_missing", None, 2),
    "auth_account_missing_accepted": ("auth_account_missing", "accepted_invitation", 2),
    "auth_account_missing_invited": ("auth_account_missing", "invited", 2),
    "auth_account_missing_other_id": ("auth_account_missing", "under_another_id", 2),
    "banned": ("banned", None, 2),
    "banned_and_disabled": ("banned", None, 2),
    "banned_for_ever": ("banned", None, 2),
    "blinded": ("unknown", None, 3),
    "brackets_in_names": ("contained", None, 2),
    "can_log_in": ("can_log_in", None, 0),
    "can_log_in_after_deletion": ("can_log_in", None, 0),
    "can_log_in_anothers_profile": ("can_log_in", None, 0),
    "can_log_in_ban_over": ("can_log_in", None, 0),
    "can_log_in_delivered": ("can_log_in", None, 0),
    "can_log_in_failed_logins": ("can_log_in", None, 0),
    "can_log_in_mfa_logged_out": ("can_log_in", None, 0),
    "can_log_in_mfa_passed": ("can_log_in", None, 0),
    "can_log_in_never": ("can_log_in", None, 0),
    "can_log_in_released": ("can_log_in", None, 0),
    "can_log_in_second_profile": ("can_log_in", None, 0),
    "can_log_in_sso_beside": ("can_log_in", None, 0),
    "can_log_in_staff": ("can_log_in", None, 0),
    "can_log_in_suppressed": ("can_log_in", None, 0),
    "can_log_in_unverified_factor": ("can_log_in", None, 0),
    "confirmation_arrived_since": ("email_not_confirmed", None, 1),
    "confirmation_blocked": ("confirmation_not_delivered", None, 1),
    "confirmation_bounced": ("confirmation_not_delivered", None, 1),
    "confirmation_complained": ("confirmation_not_delivered", None, 1),
    "confirmation_suppressed": ("confirmation_not_delivered", None, 1),
    "contained": ("contained", None, 2),
    "contained_and_disabled": ("contained", None, 2),
    "contained_not_banned": ("contained", None, 2),
    "deleted": ("deleted", None, 2),
    "deleted_contained": ("deleted", None, 2),
    "deleted_with_profile": ("deleted", None, 2),
    "disabled_in_portal": ("disabled_in_portal", None, 2),
    "email_change_pending": ("email_mismatch", "change_not_confirmed", 2),
    "email_mismatch": ("email_mismatch", None, 2),
    "email_not_confirmed": ("email_not_confirmed", None, 1),
    "email_not_confirmed_blocked": ("email_not_confirmed", None, 1),
    "email_not_confirmed_disabled": ("disabled_in_portal", None, 2),
    "email_not_confirmed_link_expired": ("email_not_confirmed", "link_expired", 1),
    "email_not_confirmed_never_sent": ("email_not_confirmed", "never_sent", 1),
    "email_not_confirmed_short_link": ("email_not_confirmed", "link_expired", 1),
    "everything_at_once": ("banned", None, 2),
    "google_only": ("no_password_identity", None, 1),
    "invited": ("invited_not_accepted", None, 1),
    "invited_link_over": ("invited_not_accepted", None, 1),
    "invited_only": ("invited_not_accepted", None, 1),
    "invited_only_expired": ("invited_not_accepted", None, 1),
    "invited_only_revoked_since": ("invited_not_accepted", None, 1),
    "invited_revoked": ("invited_not_accepted", None, 1),
    "invited_suppressed": ("invited_not_accepted", None, 1),
    "mfa_locked": ("mfa_locked", None, 2),
    "mfa_locked_google": ("mfa_locked", "no_session", 2),
    "mfa_locked_no_session": ("mfa_locked", "no_session", 2),
    "mfa_locked_since": ("mfa_locked", None, 2),
    "near_misses": ("not_found", None, 14),
    "no_identity": ("no_password_identity", None, 1),
    "phone_account": ("unclassified", None, 1),
    "practice_closed": ("practice_suspended", "closed", 2),
    "practice_missing": ("practice_missing", None, 2),
    "practice_suspended": ("practice_suspended", "suspended", 2),
    "profile_missing": ("profile_missing", None, 2),
    "profile_missing_deleted": ("profile_missing", "under_another_id", 2),
    "profile_missing_other_id": ("profile_missing", "under_another_id", 2),
    "revoked_only": ("not_found", None, 14),
    "sso_only": ("no_password_identity", "sso", 1),
    "sso_only_beside_a_password": ("no_password_identity", "sso", 1),
    "two_profiles": ("ambiguous", None, 15),
    "two_sso_accounts": ("ambiguous", None, 15),
    "wrong_practice": ("wrong_practice", None, 2),
    "wrong_practice_misspelt": ("unknown", None, 3),
    "wrong_practice_same_names": ("can_log_in", None, 0),
}
"""Each world with its verdict, cause and exit code."""
SUBJECTS = {
    "address_apostrophe": "Anna.O'Brien@smilecare.example",
    "address_decomposed": "JÖRG@smilecare.example",
    "address_plus": "Anna+Lab@smilecare.example",
    "address_quoted": '"Anna Smith"@SmileCare.example',
    "address_unicode": "jörg@SMILECARE.example",
    "anonymous_account": ANNA,
    "auth_account_missing_other_id": ANNA,
    "deleted": ANNA,
    "near_misses": "ana@smilecare.example",
    "phone_account": ANNA,
}
"""Whom a world is about, where it is not Anna by her address."""
EXPECT = ("--expect-practice", "Smile Care")
OPTIONS = {
    **dict.fromkeys(("wrong_practice", "wrong_practice_same_names", "practice_closed"), EXPECT),
    "wrong_practice_misspelt": ("--expect-practice", "smile"),
}
SECRETS = ("encrypted_password", "token", "token_hash", "secret", "hmac_key", "patient_name", "clinical_notes")
VALIDATOR = jsonschema.Draft202012Validator(schema.of("user check"))


def steady(text):
    """What differs from run to run: times that were taken, and the ids of the vendors' requests."""
    return re.sub(r'("request_ids": )\[[^\]]+\]', r"\g<1>[]", timeless(text))


def world_of(name):
    return json.loads((WORLDS / "user" / f"{name}.json").read_text("utf-8"))


@pytest.fixture
def check(peakops, load):
    """Load a world of the section, with changes, and check its person with --json."""

    def check(name, *args, subject=None, **changes):
        load(f"user/{name}", **changes)
        who = subject or SUBJECTS.get(name, MAIL)
        return peakops("--sandbox", "user", "check", who, *(args or OPTIONS.get(name, ())), "--json")

    return check


def codes(ran):
    return [each["code"] for each in ran.json["findings"]]


def test_every_world_is_expected_somewhere():
    """No world of the section is without its verdict here, and none is named that does not exist."""
    assert sorted(EXPECTED) == sorted(each.stem for each in (WORLDS / "user").glob("*.json"))


@pytest.mark.parametrize("name", EXPECTED)
def test_world(name, peakops, load, snapshot):
    """The verdict, the cause and the exit code; the same code in both formats; the envelope keeps its schema."""
    load(f"user/{name}")
    words = ("user", "check", SUBJECTS.get(name, MAIL), *OPTIONS.get(name, ()))
    printed = golden(words, EXPECTED[name], VALIDATOR, peakops, snapshot, steady, steady)

    assert "canary" not in printed


@pytest.mark.parametrize("name", EXPECTED)
def test_every_secret_of_a_world_is_a_canary(name):
    """A secret column that a world fills holds a value that can be looked for."""
    held = [
        (table, column, value)
        for table, rows in world_of(name)["tables"].items()
        for row in rows
        for column, value in row.items()
        if column.endswith(SECRETS) or "_token" in column
    ]

    assert [] == [each for each in held if "canary" not in each[2]]


def test_every_row_of_the_playbook_has_a_world():
    """Each verdict of the section, and each finding that is only listed, comes up in a world."""
    from peakops.scenarios.user.check import SCENARIO

    listed = {"second_profile", "mail_suppressed", "unfinished_change"}
    ends = {"not_found", "ambiguous", "unclassified", "unknown"}

    assert {*SCENARIO.guide.precedence(), *ends} - listed == {code for code, *_ in EXPECTED.values()}


@pytest.mark.parametrize(
    "typed", [ANNA, ANNA.upper(), MAIL, "ANNA@SmileCare.Example", f"  {MAIL}\t", "a…@smilecare.example"]
)
def test_one_person_by_every_name(typed, check):
    """By id, by address in any case, with blanks, and as a page shows it: the same person and the same verdict."""
    ran = check("banned", subject=typed)

    assert ("banned", 2, ANNA) == (ran.json["verdict"]["code"], ran.code, ran.json["data"]["access"]["user_id"])


def test_the_next_command_names_the_person_as_typed(check):
    """An address that was typed is in the next command; of a masked one, the id."""
    typed, masked = check("banned"), check("banned", subject="a…@smilecare.example")

    assert f"peakops user enable {MAIL}" == typed.json["next"][0]
    assert f"peakops user enable {ANNA}" == masked.json["next"][0]


def test_a_masked_address_of_several(check):
    """15 where it fits several people, who are listed with what leads to one of them."""
    ran = check("near_misses", subject="a…@smilecare.example")

    assert ("ambiguous", 15) == (ran.json["verdict"]["code"], ran.code)
    assert [OTHER, "55555555-5555-4555-8555-000000000103"] == [each["id"] for each in ran.json["data"]["candidates"]]


def test_a_masked_address_is_a_pattern_of_nothing_else(check):
    """A per cent sign or an underscore in it stands for itself."""
    assert 14 == check("banned", subject="%…@smilecare.example").code
    assert 14 == check("banned", subject="a…@%").code
    assert 14 == check("banned", subject="_…@smilecare.example").code


def test_the_person_of_an_invitation_by_a_masked_address(check):
    """Whoever is only invited is found as the page shows them, too."""
    assert "invited_not_accepted" == check("invited_only", subject="a…@smilecare.example").json["verdict"]["code"]


NEAR = {
    "ana@smilecare.example": "a typo in the name",
    "anna@smilcare.example": "a typo in the domain",
    "an.na@smilecare.example": "a dot too many",
    "anna+portal@smilecare.example": "a plus tag",
    "anna@smilecare.exmaple": "a typo in the ending",
    "anna": "the name alone",
}


@pytest.mark.parametrize("typed", NEAR, ids=NEAR.values())
def test_near_misses(typed, check):
    """14, and Anna is among the likest; her id is in a next command, so that nobody has to type the address again."""
    ran = check("near_misses", subject=typed)

    assert ("not_found", 14) == (ran.json["verdict"]["code"], ran.code)
    assert OTHER in [each["id"] for each in ran.json["data"]["candidates"]]
    assert f"peakops user check {OTHER}" in ran.json["next"]


@pytest.mark.parametrize("typed", ["zora@elsewhere.example", "00000000-0000-4000-8000-000000000000", "x…@else.example"])
def test_nobody_like_that(typed, check):
    """14 without a candidate."""
    ran = check("near_misses", subject=typed)

    assert ("not_found", 14, []) == (ran.json["verdict"]["code"], ran.code, ran.json["data"]["candidates"])


def test_an_address_is_not_like_itself(check):
    """The address of a revoked invitation is not offered as one that resembles it."""
    assert [] == check("revoked_only").json["data"]["candidates"]


@pytest.mark.parametrize(
    ("practice", "code"),
    [
        ("Harbor Dental", "can_log_in"),
        (HARBOR, "can_log_in"),
        (f" {HARBOR.upper()} ", "can_log_in"),
        ("Smile Care", "wrong_practice"),
        (SMILE, "wrong_practice"),
        ("harbor dental", "unknown"),
        ("Nowhere", "unknown"),
    ],
)
def test_the_practice_that_was_expected(practice, code, check):
    """By id or exact name; another one is the wrong practice, and a name that none has says nothing of the person."""
    assert code == check("wrong_practice", "--expect-practice", practice).json["verdict"]["code"]


def test_the_practice_of_a_similar_name_is_told(check):
    """Of a name that is not exact, the practice that may be meant is named, and no move is offered."""
    ran = check("wrong_practice", "--expect-practice", "harbor")

    assert "Perhaps Harbor Dental is meant." in ran.json["verdict"]["says"]
    assert [] == ran.json["findings"]


def test_what_the_move_would_show(check):
    """The wrong practice is told with what the person sees in both, and the move names the expected one by its id."""
    ran = check("wrong_practice")

    assert "Harbor Dental has 1 invoice, 0 cases, 0 shipments and 1 person" in ran.json["verdict"]["says"]
    assert "Smile Care has 0 invoices, 2 cases, 0 shipments and 1 person" in ran.json["verdict"]["says"]
    assert f"peakops user set-practice {MAIL} {SMILE}" in ran.json["next"]


@pytest.mark.parametrize(
    ("name", "listed"),
    [
        ("can_log_in_suppressed", ["can_log_in", "mail_suppressed"]),
        ("can_log_in_second_profile", ["can_log_in", "second_profile"]),
        ("banned_and_disabled", ["banned", "disabled_in_portal"]),
        ("deleted_contained", ["deleted", "contained"]),
        ("email_not_confirmed_disabled", ["disabled_in_portal", "email_not_confirmed"]),
        ("mfa_locked_google", ["mfa_locked", "no_password_identity"]),
        (
            "everything_at_once",
            [
                *("banned", "email_mismatch", "disabled_in_portal", "practice_suspended", "mfa_locked"),
                *("no_password_identity", "mail_suppressed"),
            ],
        ),
    ],
)
def test_all_that_is_found_is_listed(name, listed, check):
    """Critical findings first, then warnings, each in the order of the playbook; what is only told comes last."""
    assert listed == codes(check(name))


def test_a_contained_account_is_never_enabled(check):
    """No fix and no next command; the customer is not told why."""
    ran = check("contained")

    assert [] == ran.json["next"]
    assert ran.json["findings"][0]["fix"] is None
    assert not any("user enable" in each for each in ran.json["next"])


@pytest.mark.parametrize("name", ["contained", "deleted_contained"])
def test_a_customer_is_not_told_of_a_security_action(name, peakops, load):
    """What may be sent says that we look into it, and nothing of a ban or of an action."""
    load(f"user/{name}")
    ran = peakops("--sandbox", "user", "check", MAIL, "--say", "customer", "--json")

    assert "We are looking into your access" in ran.json["data"]["say"]["text"]


def test_the_suppression_of_an_invitation_is_told(check):
    """The mail of an invited account is suppressed: no fix that would send into the void, and what to do instead."""
    ran = check("invited_suppressed")

    assert ran.json["findings"][0]["fix"] is None
    assert "lift the suppression" in ran.json["findings"][0]["do"]


def test_a_revoked_invitation_is_not_sent_again(check):
    """The account waits, and the practice has revoked: no fix; the invitation is what is looked at next."""
    ran = check("invited_revoked")

    assert [f"peakops invitation check {MAIL}"] == ran.json["next"]
    assert "owner" in ran.json["findings"][0]["do"]


def test_control_characters_and_brackets(check, peakops):
    """Brackets stay brackets; escape sequences, bells and turned text are gone, from names and from reasons."""
    ran = check("brackets_in_names")
    page = peakops("--sandbox", "user", "check", MAIL)

    assert "[red]Smile[/red] Care etisoppo" == ran.json["data"]["access"]["practice"]
    assert "[link=https://x.example]Look[/link] here" in page.out
    assert not any(each in page.out + ran.out for each in ("\x1b", "\x07", "\u202e", "\\u001b", "\\u202e"))


def test_an_account_beside_is_told(check):
    """Where a second account has the address, the one with the password decides and the other is told of."""
    ran = check("can_log_in_sso_beside")
    (identity,) = [each for each in ran.json["questions"] if each["name"] == "identity"]

    assert ANNA == ran.json["data"]["access"]["user_id"]
    assert f"another account of single sign-on, {OTHER}" in identity["says"]


def test_no_request_was_unknown_to_the_sandbox(check, state):
    """Whatever peakops asks of the vendors, the sandbox knows the route; else a check would rest on a 404."""
    from peakops import sandbox

    for name in ("confirmation_suppressed", "confirmation_bounced"):
        check(name)

        assert [] == sandbox.unknown_requests(state / "peakops")
        assert sandbox.requests(state / "peakops")


def test_without_its_first_letter_nothing_is_a_mask(check):
    """A page shows the first letter: without it everybody of the domain would be meant."""
    assert 14 == check("banned", subject="…@smilecare.example").code


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("strasse@praxis.example", "straße@praxis.example"),
        ("admin@smilecare.example", "admın@smilecare.example"),
        ("fiona@smilecare.example", "ﬁona@smilecare.example"),
    ],
)
def test_letters_that_only_share_a_capital(stored, typed, check):
    """Another person's address, which capitals would make the same, is not found; it may be a near miss."""
    read = world_of("banned")
    for table in ("users", "auth.users"):
        read["tables"][table][0]["email"] = stored
    other, same = (check("banned", subject=each, tables=read["tables"]) for each in (typed, stored.upper()))

    assert ("not_found", 14) == (other.json["verdict"]["code"], other.code)
    assert ("banned", 2) == (same.json["verdict"]["code"], same.code)


def test_the_account_that_has_the_profile_decides(check):
    """Single sign-on with the profile, and a password account without: by the address it is the first."""
    ran, other = check("sso_only_beside_a_password"), check("sso_only_beside_a_password", subject=ANNA)

    assert OTHER == ran.json["data"]["access"]["user_id"]
    assert ANNA in ran.json["verdict"]["says"]
    assert ("profile_missing", "another_account") == (other.json["verdict"]["code"], other.json["verdict"]["cause"])
    assert f"peakops user check {OTHER}" in other.json["next"]


def test_the_profile_of_another_person_is_listed_as_that(check):
    """Its id has an account with another address."""
    listed = {each["code"]: each for each in check("can_log_in_anothers_profile").json["findings"]}

    assert "another_person" == listed["second_profile"]["cause"]


@pytest.mark.parametrize("name", ["contained_and_disabled", "contained_not_banned", "deleted_contained", "banned"])
def test_a_customer_is_told_nothing_where_containments_cannot_be_read(name, peakops, load):
    """Whatever is found: the words are the concealed ones, and no fix is named next."""
    read = world_of(name)
    account = {**read["tables"]["auth.users"][0], "banned_until": None} if name == "contained_and_disabled" else None
    tables = {**read["tables"], **({"auth.users": [account]} if account else {})}
    load(read, tables=tables, faults=[{"vendor": "database", "fault": "deny", "table": "peakops.containments"}])
    ran = peakops("--sandbox", "user", "check", MAIL, "--say", "customer", "--json")

    assert "We are looking into your access" in ran.json["data"]["say"]["text"]
    assert not any("user enable" in each for each in ran.json["next"])
