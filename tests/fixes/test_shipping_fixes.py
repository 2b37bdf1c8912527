"""The fixes of a shipment: one label in the end, whoever lost which answer; what is fetched, voided, and refused."""

import copy
import json
import shlex
from pathlib import Path

import jsonschema
import pytest

from peakops import apply, journal, sandbox
from peakops.errors import Changed
from peakops.plan import Action, Grade, Plan, Subject
from peakops.render import schema
from peakops.settings import Settings, WriteKeys

from .conftest import WHY
from .test_crashes import MOST_STEPS

FIRST, SECOND, THIRD = "1ZA1B2C30300000071", "1ZA1B2C30300000072", "1ZA1B2C30300000073"
SHIP = "POST /api/shipments/*/ship"
VOID = "DELETE /api/shipments/*/void/cancel/*"
LOST = {"vendor": "ups", "after_effect": "drop_connection"}
CONFIRMED = ("--confirm", "SHP-77", *WHY)
VALIDATORS = {
    verb: jsonschema.Draft202012Validator(schema.of(f"shipping {verb}")) for verb in ("retry", "recover", "void")
}
PATIENT = ("canary", "Holloway", "2125550100", "Elm")


@pytest.fixture
def file(tmp_path):
    """Where a label goes."""
    return tmp_path / "label.gif"


@pytest.fixture
def retry(fix, file):
    return lambda *more, **env: fix("shipping", "retry", "SHP-77", "--to", str(file), *CONFIRMED, *more, **env)


@pytest.fixture
def recover(fix, file):
    return lambda *more, **env: fix("shipping", "recover", "SHP-77", "--to", str(file), "--yes", *WHY, *more, **env)


@pytest.fixture
def void(fix):
    return lambda *more, **env: fix("shipping", "void", "SHP-77", *CONFIRMED, *more, **env)


@pytest.fixture
def labels(world):
    """The labels in force at UPS."""
    return lambda: [each["tracking_number"] for each in world()["ups"]["shipments"] if not each["voided"]]


@pytest.fixture
def stored(rows):
    """What the portal stores: the state, the number and the code of an error."""

    def stored():
        (row,) = rows("shipments")
        return row["status"], row.get("tracking_number"), row.get("error_code")

    return stored


@pytest.fixture
def audits(rows):
    """The fixes that the audit log tells of."""

    def audits():
        return [each["action"] for each in rows("audit_logs") if "peakops_run" in each["details"]]

    return audits


def told(ran):
    return ran.json["status"], ran.json["verdict"]["code"], ran.code


def altered(name, **said):
    """The tables of a world, in which the shipment has other fields."""
    tables = copy.deepcopy(sandbox.named(f"shipping/{name}")["tables"])
    tables["shipments"][0].update(said)
    return {"tables": tables}


def kinds(folder):
    assert [] == journal.verify(folder())
    return [each.kind for each in journal.read(folder())]


def test_a_dry_run_plans(fix, load, world):
    """10: both steps, with what is charged and how it is taken back; not a byte changes, and no name is in it."""
    load("shipping/never_requested")
    before = world()
    ran = fix("shipping", "retry", "SHP-77", "--dry-run")
    ship, note = ran.json["data"]["plan"]["actions"]

    assert ("planned", "never_requested", 10) == told(ran)
    assert (("ups", "ship"), ("database", "shipping/labelled")) == (
        *((ship["via"], ship["call"]), (note["via"], note["call"])),
    )
    assert {"read": "shipping/recipient"}.items() <= ship["params"]["ship_to"].items()
    assert ("SHP-77.gif", "A1B2C3", [{"weight_lb": 1}]) == (
        *(ship["params"]["to"], ship["params"]["account"], ship["params"]["packages"]),
    )
    assert {"of": 1, "field": "id"} == note["params"]["tracking"]
    assert not [each for each in PATIENT if each in ran.out]
    assert before == world()
    VALIDATORS["retry"].validate(ran.json)


def test_a_label_is_made(retry, load, labels, stored, audits, file, folder):
    """One label, its number in the portal, its image in a file for the owner alone; the second run does nothing."""
    load("shipping/never_requested")
    ran, again = retry(), retry()

    assert ("changed", "labelled", 0) == told(ran), ran.json["error"]
    assert ("ok", "labelled", 0) == told(again)
    assert [ran.json["data"]["steps"][0]["brought"]["id"]] == labels()
    assert ("labelled", labels()[0], None) == stored()
    assert ["shipping.label_made"] == audits()
    assert 0o600 == file.stat().st_mode & 0o777
    assert ["intended", "done", "intended", "done"] == kinds(folder)
    VALIDATORS["retry"].validate(ran.json)


def test_no_person_is_told(retry, load, folder, world):
    """Name, phone and street go to UPS alone: neither output nor journal nor audit log has them."""
    load("shipping/never_requested")
    ran = retry("--reveal")
    kept = "".join(path.read_text("utf-8") for path in folder().rglob("*") if path.is_file())
    logged = json.dumps(world()["tables"]["audit_logs"])

    assert 0 == ran.code
    assert not [each for each in ("canary", "Holloway", "2125550100") if each in ran.out + kept + logged]


REMEDIED = {
    "never_requested": (),
    "never_requested_set_back": (),
    "outcome_unknown": (),
    "outcome_unknown_no_answer": (),
    "outcome_unknown_no_number": (),
    "voided": (),
    "voided_at_ups": (),
    "ups_down_over": (),
    "ups_down_http": (),
    "ups_rate_limited_over": (),
    "invalid_address_corrected": (),
    "invalid_address_phone": ("--corrected", "120209"),
    "ups_account": ("--corrected", "120113"),
    "ups_credentials": (),
    "ups_product_missing_portal": (),
    "package_invalid": ("--corrected", "120601"),
}
"""What a retry remedies, and how the operator says that it was corrected."""


@pytest.mark.parametrize("name", REMEDIED)
def test_what_a_retry_remedies(name, retry, load, labels, stored):
    """One label in force, which the portal holds."""
    load(f"shipping/{name}")
    ran = retry(*REMEDIED[name])

    assert ("changed", "labelled", 0) == told(ran), ran.json["error"]
    assert 1 == len(labels())
    assert ("labelled", labels()[0], None) == stored()


@pytest.mark.parametrize("country", [" us", "USA", ""])
def test_a_country_is_taken_as_it_is_meant(country, retry, load, labels):
    """However the portal writes the United States: the address is validated, and the label made."""
    document = sandbox.named("shipping/never_requested")
    document["tables"]["shipments"][0]["ship_to"]["country"] = country
    load(document)
    ran = retry()

    assert ("changed", "labelled", 0) == told(ran), ran.json["error"]
    assert 1 == len(labels())


def test_a_corrected_account_hides_what_was_made_under_the_other(retry, load):
    """UPS is searched under one account: the plan says so, and only where the account was what UPS refused."""
    told_of = {}
    for name in ("ups_account", "invalid_address_phone"):
        load(f"shipping/{name}")
        notes = retry(*REMEDIED[name], "--dry-run").json["data"]["plan"]["notes"]
        told_of[name] = any("present account alone" in each for each in notes)

    assert {"ups_account": True, "invalid_address_phone": False} == told_of


@pytest.mark.parametrize("name", ["label_not_stored", "label_not_stored_after_void", "label_not_marked", "to_lab"])
@pytest.mark.parametrize("verb", ["retry", "recover"])
def test_a_label_that_is_there_is_fetched(verb, name, retry, recover, load, labels, stored, file):
    """None is made, whichever of the two is run: the portal has its number, and the file is there."""
    load(f"shipping/{name}")
    before = labels()
    ran = {"retry": retry, "recover": recover}[verb]()

    assert ("changed", "labelled", 0) == told(ran), ran.json["error"]
    assert before == labels()
    assert ("labelled", before[0], None) == stored()
    assert file.stat().st_size
    assert "recover" == ran.json["data"]["plan"]["actions"][0]["call"]
    VALIDATORS[verb].validate(ran.json)


def test_a_label_is_recovered_once(recover, load, stored, file, audits):
    """The second run finds both in order; where only the file is gone, that alone is fetched again."""
    load("shipping/label_not_stored")
    ran, again = recover(), recover()
    file.unlink()
    third = recover()

    assert [("changed", "labelled", 0), ("ok", "labelled", 0)] == [told(ran), told(again)]
    assert ("changed", "labelled", 0) == told(third), third.json["error"]
    assert ["recover"] == [each["call"] for each in third.json["data"]["plan"]["actions"]]
    assert "labelled" == stored()[0]
    assert 2 == len(audits())


REFUSED = {
    "ambiguous_address": ("retry", (), "fix.no_finding"),
    "invalid_address": ("retry", (), "fix.not_corrected"),
    "invalid_address_abroad": ("retry", (), "fix.not_corrected"),
    "invalid_address_incomplete": ("retry", (), "fix.not_corrected"),
    "invalid_address_phone": ("retry", (), "fix.not_corrected"),
    "invalid_address_unknown": ("retry", (), "fix.not_corrected"),
    "ups_account": ("retry", (), "fix.not_corrected"),
    "ups_account_missing": ("retry", (), "fix.no_account"),
    "ups_account_shipper": ("retry", (), "fix.not_corrected"),
    "ups_credentials": ("retry", ("--corrected", "120113"), "fix.other_code"),
    "ups_credentials_of_peakops": ("retry", (), "fix.unproven"),
    "ups_down": ("retry", (), "fix.unproven"),
    "ups_product_missing": ("retry", (), "fix.unproven"),
    "ups_rate_limited": ("retry", (), "fix.unproven"),
    "service_not_available": ("retry", (), "fix.not_corrected"),
    "package_invalid": ("retry", (), "fix.not_corrected"),
    "package_without_weight": ("retry", (), "fix.not_corrected"),
    "outcome_unknown_just_now": ("retry", (), "fix.under_way"),
    "voided_in_portal_alone": ("retry", (), "fix.still_in_force"),
    "two_labels": ("retry", (), "fix.no_finding"),
    "other_carrier": ("retry", (), "fix.no_finding"),
    "never_requested": ("recover", (), "fix.no_finding"),
    "voided": ("recover", (), "fix.no_finding"),
    "labelled": ("void", (), "fix.name_the_label"),
    "labelled_two_packages": ("void", ("--tracking", THIRD), "fix.no_such_label"),
    "label_not_stored": ("void", ("--tracking", SECOND), "fix.no_such_label"),
    "outcome_unknown": ("void", (), "fix.no_finding"),
}
"""What is refused, and by which guard."""


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name, retry, recover, void, load, world, file):
    """19, with what is to be done instead; not a byte changes, and there is no file."""
    load(f"shipping/{name}")
    verb, more, code = REFUSED[name]
    before = world()
    ran = {"retry": retry, "recover": recover, "void": void}[verb](*more)

    assert (code, 19) == (ran.json["error"]["code"], ran.code)
    assert ran.json["error"]["hint"]
    assert before == world()
    assert not file.exists()


def test_unknown_stays_unknown(retry, load):
    """Without UPS nobody knows whether there is a label: nothing is made."""
    load("shipping/ups_silent")

    assert ("unknown", "unknown", 3) == told(retry("--timeout", "4s"))


@pytest.mark.parametrize("verb", ["retry", "recover"])
def test_nothing_is_written_over(verb, retry, recover, load, labels, file):
    """A file that is there stays as it is, and no label is made."""
    load("shipping/label_not_stored" if verb == "recover" else "shipping/never_requested")
    before = labels()
    file.write_text("mine")
    ran = {"retry": retry, "recover": recover}[verb]()

    assert ("fix.file_exists", 19) == (ran.json["error"]["code"], ran.code)
    assert ("mine", before) == (file.read_text(), labels())


@pytest.mark.parametrize("name", ["-", "no/folder.gif", "x" * 300, "a\nb.gif", "~nobody-of-that-name/a.gif"])
def test_a_file_that_cannot_be_is_refused_in_the_plan(name, fix, load, world, tmp_path, monkeypatch):
    """Before anything is confirmed; "-" is no way to print it."""
    monkeypatch.chdir(tmp_path)
    load("shipping/never_requested")
    before = world()
    ran = fix("shipping", "retry", "SHP-77", "--to", name, "--dry-run")

    assert ("fix.no_file", 19) == (ran.json["error"]["code"], ran.code)
    assert before == world()


def test_a_link_to_nowhere_is_there_already(retry, load, labels, file):
    """Nothing is written through it."""
    load("shipping/never_requested")
    file.symlink_to(file.with_name("nowhere.gif"))
    ran = retry("--dry-run")

    assert ("fix.file_exists", []) == (ran.json["error"]["code"], labels())


def test_the_portals_app_is_not_ours(retry, load):
    """A label is made with the credentials of peakops, and the plan says that the portal's are to be set right."""
    load("shipping/ups_credentials")
    plan = retry("--dry-run").json["data"]["plan"]

    assert "have to be set right." in plan["notes"][0]


@pytest.mark.parametrize("verb", ["retry", "recover"])
def test_a_number_that_ups_cannot_be_asked_for(verb, load, fix, world):
    """Whether a label has it is not known: unknown, not a product that is missing, and nothing is made."""
    load("shipping/never_requested", **altered("never_requested", shipment_number="SHP/77"))
    ran = fix("shipping", verb, "SHP/77", "--dry-run")

    assert ("unknown", "unknown", 3) == told(ran)
    assert "no '/'" in ran.json["verdict"]["says"]
    assert "SHP/77" == world()["tables"]["shipments"][0]["shipment_number"]


def test_a_code_that_is_empty_says_nothing(load, fix):
    """What the portal wrote beside it does."""
    load("shipping/outcome_unknown", **altered("outcome_unknown", error_code=" ", error="120209: canary"))

    assert "invalid_address" == fix("shipping", "check", "SHP-77").json["verdict"]["code"]


def test_a_voided_label_may_be_made_again_at_once(retry, void, load, labels, file):
    """Neither is an attempt of the portal's that is under way."""
    load("shipping/never_requested")
    assert 0 == retry().code
    assert 0 == void("--tracking", labels()[0]).code
    file.unlink()
    ran = retry()

    assert ("changed", "labelled", 0) == told(ran), ran.json["error"]


def test_after_a_lost_answer_the_next_may_be_the_second(retry, load):
    """UPS shows no label: the plan in the place of the lost one says what that may mean, and so does the error."""
    load("shipping/never_requested", faults=[{"vendor": "ups", "route": SHIP, "reset": True, "times": 1}])
    lost, planned, made = retry(), retry("--dry-run"), retry()

    assert "wait that long before another one is made" in lost.json["error"]["message"]
    assert "may have made a label that UPS does not show yet" in planned.json["data"]["plan"]["notes"][0]
    assert planned.json["data"]["plan"]["notes"] == made.json["data"]["plan"]["notes"]
    assert ("changed", "labelled", 0) == told(made), made.json["error"]


def test_the_file_is_called_as_the_shipment(load, tmp_path, fix, monkeypatch):
    """By default, in the current folder; what a number holds that no file name should is replaced."""
    load("shipping/number_in_brackets")
    ran = fix("shipping", "retry", "SHP-[red]77 x", "-n")

    assert "SHP-_red_77_x.gif" == ran.json["data"]["plan"]["actions"][0]["params"]["to"]


def test_a_lost_answer_of_a_label(retry, load, labels, stored):
    """The label was made and the answer lost: the same run finds it, and makes no second one."""
    load("shipping/never_requested", faults=[{**LOST, "route": SHIP}])
    ran, again = retry(), retry()

    assert ("changed", "labelled", 0) == told(ran), ran.json["error"]
    assert ("ok", "labelled", 0) == told(again)
    assert 1 == len(labels())
    assert ("labelled", labels()[0], None) == stored()


def test_a_label_whose_file_got_lost(retry, killed, load, labels, stored, file):
    """Killed after the label was made, and its file is gone: the same command fetches it, and makes no second one."""
    for at in range(1, MOST_STEPS):
        load("shipping/never_requested")
        assert killed(at, "shipping", "retry", "SHP-77", "--to", str(file), *CONFIRMED)
        if labels():
            break
    file.unlink()
    ran = retry()

    assert ("changed", "labelled", 0) == told(ran), ran.json["error"]
    assert 1 == len(labels())
    assert ("labelled", labels()[0], None) == stored()
    assert file.stat().st_size


def test_a_lost_answer_of_a_void(void, load, labels, stored):
    """Tracking shows that it is voided."""
    load("shipping/two_labels", faults=[{**LOST, "route": VOID}])
    ran = void()

    assert ("changed", "labelled", 0) == told(ran), ran.json["error"]
    assert [SECOND] == labels()
    assert ("labelled", SECOND, None) == stored()


def test_the_surplus_label_is_voided(void, load, labels, stored, audits):
    """The one that the portal does not hold; run again, nothing is voided any more."""
    load("shipping/two_labels")
    ran, again = void(), void()

    assert [("changed", "labelled", 0), ("ok", "labelled", 0)] == [told(ran), told(again)]
    assert [SECOND] == labels()
    assert ("labelled", SECOND, None) == stored()
    assert ["shipping.label_voided"] == audits()
    VALIDATORS["void"].validate(ran.json)


def test_the_named_label_is_voided(void, load, labels, stored, recover):
    """The one that the portal holds: it is noted as voided, and the other one is recovered after that."""
    load("shipping/two_labels")
    ran, again = void("--tracking", SECOND.lower()), void("--tracking", SECOND)

    assert ("changed", "label_not_stored", 0) == told(ran), ran.json["error"]
    assert ("ok", 0) == (again.json["status"], again.code), again.json["error"]
    assert ([FIRST], ("voided", SECOND, None)) == (labels(), stored())
    assert ("changed", "labelled", 0) == told(recover())
    assert ("labelled", FIRST, None) == stored()


def test_several_surplus_labels_are_voided(void, load, labels):
    """All that the portal does not hold, each in a step of its own."""
    load("shipping/three_labels")
    ran = void()

    assert ("changed", "labelled", 0) == told(ran), ran.json["error"]
    assert [FIRST] == labels()


@pytest.mark.parametrize("name", ["voided_in_portal_alone", "voided_at_ups"])
def test_portal_and_ups_are_brought_together(name, void, load, labels, stored):
    """A label that one of them has voided is voided for both; it is the one that the portal holds."""
    load(f"shipping/{name}")
    ran = void("--tracking", FIRST)

    assert ("changed", "voided", 0) == told(ran), ran.json["error"]
    assert ([], ("voided", FIRST, None)) == (labels(), stored())
    assert ("ok", "voided", 0) == told(void("--tracking", FIRST))


def test_a_good_label_is_voided_only_by_name(void, load, labels, stored):
    """The operator names it; it is voided at UPS and in the portal."""
    load("shipping/labelled")
    ran = void("--tracking", FIRST)

    assert ("changed", "voided", 0) == told(ran), ran.json["error"]
    assert ([], ("voided", FIRST, None)) == (labels(), stored())


def test_a_void_says_what_becomes_of_the_other_packages(void, load):
    """UPS voids the whole shipment with its first number: the plan says so, and only where there are several."""
    told_of = {}
    for name in ("labelled_two_packages", "labelled"):
        load(f"shipping/{name}")
        notes = void("--tracking", FIRST, "--dry-run").json["data"]["plan"]["notes"]
        told_of[name] = any("all of them" in each for each in notes)

    assert {"labelled_two_packages": True, "labelled": False} == told_of


@pytest.mark.parametrize("verb", ["retry", "void"])
def test_neither_is_done_with_yes_alone(verb, fix, load, world):
    """Both cost money: class C is confirmed with the shipment's number, and a reason."""
    load("shipping/never_requested" if verb == "retry" else "shipping/two_labels")
    before = world()
    ran = fix("shipping", verb, "SHP-77", "--yes", *WHY)

    assert 12 == ran.code
    assert "--confirm SHP-77 --reason TEXT" in ran.json["error"]["hint"]
    assert before == world()


@pytest.mark.parametrize(
    ("name", "verb", "end"),
    [
        ("never_requested", "retry", ("labelled", 1)),
        ("label_not_stored", "recover", ("labelled", 1)),
        ("two_labels", "void", ("labelled", 1)),
    ],
)
def test_killed_anywhere(name, verb, end, fix, killed, load, labels, rows, folder, tmp_path):
    """Wherever the first run was killed: the same command again ends with one label, which is noted once."""
    for at in range(1, MOST_STEPS):
        load(f"shipping/{name}")
        to = [] if verb == "void" else ["--to", str(tmp_path / f"{at}.gif")]
        confirmed = ["--yes", *WHY] if verb == "recover" else CONFIRMED
        was_killed = killed(at, "shipping", verb, "SHP-77", *to, *confirmed)
        again = fix("shipping", verb, "SHP-77", *to, *confirmed)

        assert 0 == again.code, (at, again.out)
        assert end == (again.json["verdict"]["code"], len(labels())), at
        assert [labels()[0]] == [each["tracking_number"] for each in rows("shipments")], at
        assert 1 == len([each for each in rows("audit_logs") if "peakops_run" in each["details"]]), at
        assert not to or Path(to[1]).stat().st_size, at
        assert [] == journal.verify(folder()), at
        if not was_killed:
            return
    pytest.fail("the fix was still killed at the last step")


@pytest.mark.parametrize(
    ("statement", "verb", "name"),
    [
        ('update shipments set ship_to = ship_to || \'{"postal_code": "10117"}\'', "retry", "never_requested"),
        ("update shipments set packages = '[{\"weight_lb\": 9}]'", "retry", "never_requested"),
        (
            "update shipments set status = 'labelled', tracking_number = '1Z999AA10123456784'",
            "recover",
            "label_not_stored",
        ),
        ("update practices set ups_account_number = 'Z9Z9Z9'", "retry", "never_requested"),
    ],
)
def test_the_portal_changes_meanwhile(statement, verb, name, meanwhile, load, labels, tmp_path):
    """16 where it changes before the plan is carried out: nothing is made, and there is no file."""
    load(f"shipping/{name}")
    before = labels()
    confirmed = ["--yes", *WHY] if verb == "recover" else CONFIRMED
    ran = meanwhile("before", statement, "shipping", verb, "SHP-77", "--to", str(tmp_path / "x.gif"), *confirmed)

    assert ("fix.state_changed", 16) == (ran.json["error"]["code"], ran.code)
    assert before == labels()
    assert [] == list(tmp_path.iterdir())


def test_another_recipient_than_was_seen(load, labels, tmp_path):
    """The address is read once more when the label is made: where it is not the one of the plan, nothing is made."""
    up, id = load("shipping/never_requested"), "77777777-7777-4777-8777-000000000077"
    ups = {"ups_client_id": up.ups_client_id, "ups_client_secret": up.ups_client_secret}
    settings = Settings(database_url=up.database_url, ups_url=up.vendor_url("ups"), ups_shipper=up.ups_shipper, **ups)
    keys = WriteKeys(database_url=up.url_as("peakops_writer"), **ups)
    params = {
        **{"shipment": id, "reference": "SHP-77", "account": "A1B2C3", "service": "03", "packages": [{"weight_lb": 1}]},
        **{
            "to": str(tmp_path / "x.gif"),
            "ship_to": {"read": "shipping/recipient", "shipment": id, "as_seen": "0" * 12},
        },
    }
    ship = Action(via="ups", call="ship", params=params, target="label", was="none", becomes="made")
    plan = Plan(
        fix="shipping retry",
        grade=Grade.CONSEQUENTIAL,
        subject=Subject(kind="shipment", id=id, name="SHP-77"),
        finding="never_requested",
        actions=(ship,),
        audit="shipping.label_made",
    )
    desk = apply.Desk(
        folder=tmp_path / "journal", command="", reason="", settings=settings, keys=keys, still=lambda: None
    )

    with pytest.raises(Changed):
        apply.apply(plan, desk)
    assert [] == labels()
    assert ["intended", "failed"] == kinds(lambda: tmp_path / "journal")


def test_the_portal_notes_another_label_meanwhile(meanwhile, load, labels, retry, stored, file):
    """Between the label and its note: 11, and theirs is not written over; the same command again leaves it so."""
    load("shipping/never_requested")
    theirs = "update shipments set status = 'labelled', tracking_number = '1Z999AA10123456784'"
    args = ("shipping", "retry", "SHP-77", "--to", str(file), *CONFIRMED)
    ran = meanwhile("write", theirs, *args)
    again = retry()

    assert ("fix.partial", 11) == (ran.json["error"]["code"], ran.code)
    assert ("labelled", "1Z999AA10123456784", None) == stored()
    assert again.code in (0, 18)
    assert "label_not_stored" == again.json["verdict"]["code"]
    assert 1 == len(labels())


def test_without_write_credentials(peakops, load, configured, labels):
    """77, what would be done, and the name of the setting."""
    up = load("shipping/never_requested")
    reading = configured(
        PEAKOPS_UPS_URL=up.vendor_url("ups"),
        PEAKOPS_UPS_CLIENT_ID=up.ups_client_id,
        PEAKOPS_UPS_CLIENT_SECRET=up.ups_client_secret,
        PEAKOPS_DATABASE_WRITE_URL=up.url_as("peakops_writer"),
    )
    ran = peakops("shipping", "retry", "SHP-77", *CONFIRMED, "--json", **reading)

    assert ("fix.no_write_access", 77) == (ran.json["error"]["code"], ran.code)
    assert "PEAKOPS_UPS_WRITE_CLIENT_SECRET" in ran.json["error"]["message"]
    assert ran.json["data"]["plan"]
    assert [] == labels()


@pytest.mark.parametrize(
    ("fault", "code"),
    [({"error": "120121"}, 19), ({"error": "120207"}, 19), ({"status": 429}, 75), ({"error": "250002"}, 77)],
)
def test_a_refusal_of_the_label_is_certain(fault, code, retry, load, labels, file, fix):
    """UPS's own code and what it means; nothing was made, and the next run begins anew."""
    load("shipping/never_requested", faults=[{"vendor": "ups", "route": SHIP, **fault, "times": 1}])
    ran = retry()

    assert code == ran.code, ran.json["error"]
    assert [] == labels()
    assert not file.exists()
    assert "never_requested" == fix("shipping", "check", "SHP-77").json["verdict"]["code"]
    assert 0 == retry().code
    assert 1 == len(labels())


@pytest.mark.parametrize("fault", [{"status": 503}, {"error": "20001"}, {"reset": True}, {"body": "<html>busy</html>"}])
def test_a_disturbance_leaves_it_open(fault, retry, load, labels, fix, file):
    """It is not sent again by itself; the check names the command that goes on, and that ends with one label."""
    load("shipping/never_requested", faults=[{"vendor": "ups", "route": SHIP, **fault, "times": 1}])
    ran = retry()
    check = fix("shipping", "check", "SHP-77").json

    assert (69, []) == (ran.code, labels())
    assert "It is not certain" in ran.json["error"]["message"]
    assert ("unfinished_change", f"peakops shipping retry SHP-77 --to {file}") == (
        *(check["verdict"]["code"], check["next"][0]),
    )
    assert 0 == fix(*shlex.split(check["next"][0])[1:], *CONFIRMED).code
    assert 1 == len(labels())


def test_a_change_that_was_begun_is_finished_whatever_file_is_named(killed, fix, load, labels, file, tmp_path):
    """The file of the first run is there, and stays: the second run notes the label, and saves no other."""
    for at in range(1, MOST_STEPS):
        load("shipping/never_requested")
        assert killed(at, "shipping", "retry", "SHP-77", "--to", str(file), *CONFIRMED)
        if labels():
            break
    other = tmp_path / "other.gif"
    ran = fix("shipping", "retry", "SHP-77", "--to", str(other), *CONFIRMED)

    assert ("changed", "labelled", 0) == told(ran), ran.json["error"]
    assert (True, False, 1) == (file.exists(), other.exists(), len(labels()))


def test_the_next_command_is_the_remedy(fix, load):
    """What the check names can be run as it stands."""
    load("shipping/two_labels")
    (named,) = fix("shipping", "check", "SHP-77").json["next"]
    ran = fix(*shlex.split(named)[1:], "--dry-run")

    assert 10 == ran.code
    assert [FIRST] == [each["params"]["tracking_number"] for each in ran.json["data"]["plan"]["actions"]]
