"""The subjects of `notify sweep`: what is not read is never taken for nothing, and nobody is asked for by name."""

from datetime import timedelta

import pytest

from peakops.backlog import judge, of_backlog
from peakops.errors import Denied, NotConfigured, Unreachable
from peakops.model import Brought
from peakops.report import Frame
from peakops.scenarios.notify import practice, sweep
from peakops.scenarios.notify.at_provider import SOURCES, AtProvider
from peakops.scenarios.notify.check import SCENARIO
from peakops.sources import queries

from .conftest import MAIL, NOW, ago, domain, listed, mail, page, quota
from .conftest import row as notification

SINCE = NOW - timedelta(days=1)
CUT = Unreachable("Only the newest 2 mails were read.", code="email.cut", source="email")
DENIED = Denied("The key lacks a scope.", code="email.permission_denied", source="email")
PERSON = {"user_id": "u-1", "is_active": True, "account_email": MAIL, "practice": "Smile Care"}


def row(**said):
    """A row of sql/notify/sweep.sql: a mail to Anna that was sent."""
    return {**notification(), **PERSON, **said}


class Played:
    """Portal and provider, which note what they are asked."""

    def __init__(self, rows, mails=(), suppressed=(), **said):
        self.streams = {"stream": rows, "mails": mails, "suppressed": suppressed}
        self.said = {
            "configured": {"provider": "sendgrid", "from_domain": "peakdental.example"},
            "domains": domain(),
            "quota": quota(),
            "page": page(),
            **said,
        }
        self.asked = []

    def stream(self, source, call, params):
        self.asked.append((source, call, params))
        for each in self.streams[call]:
            if isinstance(each, Exception):
                raise each
            yield each

    def read(self, source, call, params):
        self.asked.append((source, call, params))
        said = self.said[call]
        if isinstance(said, Exception):
            raise said
        return Brought(rows=(said,) if said else ())


def swept(*rows, **said):
    """The codes by notification, what failed, and what was asked."""
    played, silent = Played(rows, **said), {}
    provider = AtProvider(read=played.read, stream=played.stream, silent=silent, since=SINCE)
    items = [judge(SCENARIO, each, SOURCES, NOW) for each in sweep.subjects(played.stream, provider, SINCE, NOW)]
    return {each.subject.id: each for each in items}, silent, played.asked


def test_each_list_is_asked_for_once_whoever_many_people_there_are():
    """Two lists, four single questions and the portal's stream: no address is in any of them."""
    rows = [row(id=f"n-{number}", address=f"p{number}@x.example") for number in range(50)]
    items, silent, asked = swept(*rows)

    assert (50, {}, 7) == (len(items), silent, len(asked))
    assert "@" not in "".join(str(params) for *_, params in asked)


def test_of_a_log_that_was_cut_what_was_not_read_is_unknown():
    """A mail that was read is judged; one that was not is unknown and only counted, and not 'not sent'."""
    rows = [row(id="n-1"), row(id="n-2", provider_message_id="m-2"), row(id="n-3", provider_message_id=None)]
    items, silent, _ = swept(*rows, mails=[mail("bounced", reason="552 5.2.2 full", hard=False), CUT])

    assert {"n-1": "bounced", "n-2": "unknown", "n-3": "unknown"} == {id: each.code for id, each in items.items()}
    assert [True, False, False] == [each.told for each in items.values()]
    assert {"messages"} == set(silent)


def test_of_a_list_that_was_cut_who_is_not_on_it_is_unknown():
    """Who was read is suppressed; of everybody else nobody knows."""
    ben = {"address": "ben@x.example", "account_email": "ben@x.example", "provider_message_id": "m-2"}
    rows, mails = [row(id="n-1"), row(id="n-2", **ben)], [mail(), mail(id="m-2", to="ben@x.example")]
    items, _, _ = swept(*rows, mails=mails, suppressed=[listed("spam_report"), CUT])

    assert {"n-1": "suppressed_complaint", "n-2": "unknown"} == {id: each.code for id, each in items.items()}


def test_a_note_on_one_mail_is_not_the_whole_of_a_list_that_was_cut():
    """A block was read, and whether anybody complained was not: that the last mail arrived is no verdict then."""
    items, _, _ = swept(row(), mails=[mail()], suppressed=[listed("block"), CUT])

    assert "unknown" == items["n-email"].code


@pytest.mark.parametrize("name", ["sweep", "practice"])
def test_of_an_error_the_same_codes_are_read(name):
    """The expressions of `notify check`, word by word: no text of an error leaves the database here either."""

    def part(query):
        text = " ".join(queries.load(query).text.split()).replace("' '", "")
        start = text.index("case when n.error")
        return text[start : text.index("as others", start)]

    assert part("notify/notifications") == part(f"notify/{name}")


def test_an_unknown_that_was_told_before_is_no_news():
    """It is counted, the report is not complete, and it does not end every further run of the hour with 3."""
    stored = row(provider="resend", provider_message_id="r-1")
    item = swept(stored)[0]["n-email"]
    frame = Frame(command="notify sweep", environment="sandbox")
    first, again = (
        of_backlog(frame, SCENARIO, [item], {}, lambda _, new=new: new, words="sweep") for new in (1, False)
    )

    assert ("unknown", True) == (item.code, item.told)
    assert ("unknown", "nothing_new") == (first.report.verdict.code, again.report.verdict.code)
    assert (3, 0, False) == (first.report.exit_code, again.report.exit_code, again.report.verdict.complete)


def test_an_address_is_found_in_any_case():
    """The portal keeps it as it was typed, the provider as it likes."""
    items, _, _ = swept(row(address="Anna@SmileCare.example"), mails=[mail()], suppressed=[listed("spam_report")])

    assert "suppressed_complaint" == items["n-email"].code


@pytest.mark.parametrize(
    ("id", "code"),
    [
        ("m-1", "delivered"),
        ("m-1.recvd-7", "delivered"),
        ("m-10", "delivered"),
        ("m-2", "not_sent"),
        ("xm-1", "not_sent"),
    ],
)
def test_the_portal_has_the_beginning_of_the_providers_id(id, code):
    """As `notify check` takes it: the whole id, or what it begins with, and then to this address."""
    items, _, _ = swept(row(), mails=[mail(id=id)])

    assert code == items["n-email"].code


def test_the_beginning_of_an_id_is_not_enough_for_another_address():
    """Two recipients of one request have ids that begin alike."""
    items, _, _ = swept(row(), mails=[mail("bounced", id="m-1.a", to="x@x.example"), mail(id="m-1.b")])

    assert "delivered" == items["n-email"].code


def test_of_a_mail_to_several_the_persons_own_copy_counts():
    """Resend has one id for all recipients of a mail."""
    items, _, _ = swept(row(), mails=[mail("bounced", to="a@x.example"), mail()])

    assert "delivered" == items["n-email"].code


def test_no_mails_left_say_nothing_of_one_that_was_sent():
    """A limit that is reached now keeps back what waits, and not what has arrived."""
    waiting = row(id="n-2", status="queued", provider_message_id=None, created_at=ago(hours=1))
    items, _, _ = swept(row(id="n-1"), waiting, mails=[mail()], quota=quota(remaining=0))

    assert {"n-1": "delivered", "n-2": "quota_reached"} == {id: each.code for id, each in items.items()}


def test_what_is_switched_off_is_no_finding_of_the_sweep():
    """A mail that arrived although its type is off has arrived."""
    items, _, _ = swept(row(), mails=[mail()])

    assert "delivered" == items["n-email"].code


def test_the_portals_own_failures_are_told_without_the_provider():
    """No provider, or one that is silent: what the portal could not send is known all the same."""
    failed = row(id="n-1", status="failed", provider_message_id=None, error_code="validation_error")
    for said in ({"configured": None}, {"mails": [CUT], "suppressed": [CUT]}):
        items, silent, _ = swept(failed, row(id="n-2"), **said)

        assert {"n-1": "send_failed", "n-2": "unknown"} == {id: each.code for id, each in items.items()}
        assert silent


def test_a_key_that_is_refused_is_the_cause_of_all_of_it():
    """It is raised once the portal's rows were read, and no row has it as a verdict of its own."""
    played, silent = Played([row()], mails=[DENIED], suppressed=[DENIED]), {}
    provider = AtProvider(read=played.read, stream=played.stream, silent=silent, since=SINCE)
    found = sweep.subjects(played.stream, provider, SINCE, NOW)

    assert "unknown" == judge(SCENARIO, next(found), SOURCES, NOW).code
    with pytest.raises(Denied):
        next(found)


def test_a_malformed_setting_ends_it():
    """That is no silence: nothing is read before it is put right."""
    wrong = NotConfigured("PEAKOPS_SENDGRID_URL is not an https address.", code="email.malformed")
    played = Played([row()], mails=[wrong])
    provider = AtProvider(read=played.read, stream=played.stream, silent={}, since=SINCE)

    with pytest.raises(NotConfigured):
        next(sweep.subjects(played.stream, provider, SINCE, NOW))


def test_of_a_practice_an_address_is_looked_up_without_a_mail_too():
    """Whoever was notified in the portal alone may complain of mails all the same: no mail is not nothing held."""
    changes = dict.fromkeys(("by_ids", "moments", "channels", "types", "enabled"))
    shown = {**row(), **notification("in_app"), "practice_id": "p-1", **sweep.NOTHING_OFF, **changes}
    played = Played([], suppressed=[listed("spam_report")])
    played.said["rows"] = shown
    provider = AtProvider(read=played.read, stream=played.stream, silent={}, since=SINCE)
    asked = practice.Asked(practice="p-1", since=SINCE, until=NOW, type=None, channel=None)
    found = [judge(SCENARIO, each, SOURCES, NOW) for each in practice.People(played.read, provider, asked).subjects()]

    assert ["suppressed_complaint"] == [each.code for each in found]
