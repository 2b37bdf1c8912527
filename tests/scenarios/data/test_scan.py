"""The verdicts of a scan on literal counts: a secret outweighs all, and what was not read is never clean."""

import pytest

from peakops.investigate import diagnose
from peakops.model import Evidence
from peakops.scenario import Facts
from peakops.scenarios.data.scan import SCENARIO, data
from peakops.verdict import rule


def kind(name="password", count=1, severity="critical"):
    return {"kind": name, "severity": severity, "count": count, "line": 3, "column": 7}


def file(*kinds, name="portal.log", ended=None, form="text"):
    return {"file": name, "bytes": 1200, "lines": 9, "form": form, "ended": ended, "kinds": list(kinds)}


def place(severity="critical", name="password", where="portal.log"):
    return {"severity": severity, "kind": name, "file": where, "line": 3, "column": 7, "offset": 90}


def facts(files, places=()):
    looks = {"files": files, "places": places}
    return tuple(Evidence(name=name, source="scanner", rows=tuple(rows)) for name, rows in looks.items())


def judged(files, places=()):
    evidence = facts(files, places)
    return rule(SCENARIO, diagnose(SCENARIO, evidence), evidence)


MAIL = kind("email", 2, "warning")
CUT = "the packed file ends in its middle"


@pytest.mark.parametrize(
    ("files", "verdict"),
    [
        ([file()], ("clean", None, "ok")),
        ([file(), file(name="b.log")], ("clean", None, "ok")),
        ([file(MAIL)], ("caution_found", "email", "warning")),
        ([file(MAIL, kind())], ("never_log_found", "password", "critical")),
        ([file(kind("card", 5), kind("ssn", 9))], ("never_log_found", "ssn", "critical")),
        ([file(MAIL), file(kind(), name="b.log")], ("never_log_found", "password", "critical")),
        # What was not read could hold anything.
        ([file(ended=CUT)], ("unknown", None, "unknown")),
        ([file(MAIL, ended=CUT)], ("unknown", None, "unknown")),
        ([file(), file(name="b.zip", ended="it is a ZIP archive", form="packed")], ("unknown", None, "unknown")),
        ([file(kind(), ended=CUT)], ("never_log_found", "password", "critical")),
    ],
)
def test_each_verdict(files, verdict):
    """The gravest finding, else what was not read, else a caution, else clean."""
    judgement = judged(files)

    assert verdict == (judgement.ruling.code, judgement.ruling.cause, judgement.status.value)
    assert judgement.ruling.complete == all(not each["ended"] for each in files)


def test_the_sentence_has_the_numbers_and_the_first_place():
    """By kind, the most first, in how much text, and where to look first."""
    says = judged(
        [file(kind("card", 2), kind("password_hash"), MAIL)], [place(), place("warning", "email")]
    ).ruling.says

    assert (
        "2 card numbers, 1 password hash in portal.log (1,200 bytes, 9 lines);"
        " the first at portal.log, line 3, column 7." == says
    )
    assert "Nothing was found in 2 files (2,400 bytes, 18 lines)." == judged([file(), file(name="b")]).ruling.says
    assert "Nothing was found in stdin (1,200 bytes, 9 lines)." == judged([file(name="-")]).ruling.says


def test_the_data_counts_what_is_not_listed():
    """Each place says where it is and what kind; the total has those whose place was not kept."""
    told = data(Facts(facts([file(kind("card", 9_000))], [place(name="card")])))

    assert 9_000 == told["total"]
    assert ["portal.log, line 3, column 7: card number"] == [each["says"] for each in told["items"]]


def test_what_is_no_plain_text_is_said():
    """A binary file's strings are looked through; what is encoded within is not."""
    warned = SCENARIO.warns(Facts(facts([file(form="binary", name="core.1"), file()])))

    assert ("core.1: no plain text; what is packed or encoded within is not seen.",) == warned
