"""The provider's log and lists read whole, against the sandbox's SendGrid and Resend."""

import json
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from peakops import sandbox
from peakops.errors import Denied, Unauthenticated, Unreachable
from peakops.settings import Settings
from peakops.sources import email_lists
from peakops.sources.email import Email
from peakops.sources.email_lists import EmailLists

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
DAY = timedelta(days=1)


def made(number, at):
    address = f"p{number % 7}@smilecare.example"
    return {
        "sg_message_id": f"sg-{number}.recvd",
        "to_email": address,
        "status": "delivered",
        "created_at": at.isoformat(),
    }


@pytest.fixture
def opened(load):
    """A sandbox whose provider has this, and how it is asked."""

    def open_(provider, **has):
        key = has.pop("key", None)
        up = load({"world": "lists", "says": "x", "now": NOW.isoformat(), "email_provider": provider, **has})
        settings = Settings(
            email_provider=provider,
            sendgrid_api_key=key or up.sendgrid_key,
            sendgrid_url=up.vendor_url("sendgrid"),
            resend_api_key=key or up.resend_key,
            resend_url=up.vendor_url("resend"),
            clock=up.now,
        )
        return EmailLists(settings, deadline=time.monotonic() + 60), settings

    return open_


@pytest.fixture
def asked(state):
    """How many requests a vendor has had since the last time."""
    before = [0]

    def count(vendor):
        every = [each for each in sandbox.requests(state / "peakops") if each["vendor"] == vendor]
        before[0], new = len(every), len(every) - before[0]
        return new

    return count


def test_a_log_that_is_longer_than_an_answer_is_read_by_spans(opened, asked):
    """3,500 mails, most of them in one hour: each comes once, the newest first, in few more requests than pages."""
    times = [NOW - timedelta(hours=2, seconds=number) for number in range(3000)]
    times += [NOW - timedelta(hours=23, seconds=-60 * number) for number in range(500)]
    lists, _ = opened("sendgrid", sendgrid={"messages": [made(*each) for each in enumerate(times)]})
    asked("sendgrid")
    found = list(lists.mails(since=NOW - DAY))

    assert Counter({f"sg-{number}.recvd": 1 for number in range(3500)}) == Counter(each["id"] for each in found)
    assert sorted((each["at"] for each in found), reverse=True) == [each["at"] for each in found]
    assert asked("sendgrid") <= 20


def test_a_second_with_more_mails_than_an_answer_holds_is_told(opened):
    """What was read is handed on, and then it is said that there are more; that is no whole log."""
    at = NOW - timedelta(hours=1)
    lists, _ = opened("sendgrid", sendgrid={"messages": [made(number, at) for number in range(1001)]})
    found = []
    with pytest.raises(Unreachable) as wrong:
        found.extend(lists.mails(since=NOW - DAY))

    assert "email.cut" == wrong.value.code


def test_what_is_older_is_not_read(opened):
    """The first moment counts in, as in the look at one address."""
    since = NOW - DAY
    mails = [made(1, since), made(2, since - timedelta(seconds=1)), made(3, NOW)]
    lists, _ = opened("sendgrid", sendgrid={"messages": mails})

    assert ["sg-3.recvd", "sg-1.recvd"] == [each["id"] for each in lists.mails(since=since)]


SUPPRESSED = {
    "bounces": [{"email": f"b{number}@x.example", "reason": "550 5.1.1 x", "created": "-2h"} for number in range(501)],
    "unsubscribes": [{"email": "u@x.example", "created": "-1d"}],
    "spam_reports": [{"email": "s@x.example", "created": "-1d"}],
}


def test_sendgrids_lists_are_those_of_one_address(opened):
    """Over two pages every entry comes once, in the words of the look at one address."""
    lists, settings = opened("sendgrid", sendgrid={"suppressions": SUPPRESSED})
    found = list(lists.suppressed())
    single = Email(settings, deadline=time.monotonic() + 20)
    alone = [row for email in ("b7@x.example", "s@x.example") for row in single.suppressions(email=email).rows]

    assert {"bounce": 501, "unsubscribe": 1, "spam_report": 1} == Counter(each["kind"] for each in found)
    assert alone == [each for each in found if each["email"] in ("b7@x.example", "s@x.example")]


def test_a_list_that_goes_on_is_told(opened, monkeypatch):
    """Beyond what is kept of a list the rest is not read, and that is said."""
    monkeypatch.setattr(email_lists, "MOST_ENTRIES", 500)
    lists, _ = opened("sendgrid", sendgrid={"suppressions": SUPPRESSED})
    rows = lists.suppressed()

    assert 500 == len(list(islice(rows, 500)))
    with pytest.raises(Unreachable, match="Only 500 addresses of SendGrid's list of bounces were read"):
        next(rows)


def test_resends_pages_are_read_to_the_moment(opened, asked):
    """Of 250 mails those of the day, a row for each recipient, in the pages that hold them; and the whole list."""
    mails = [
        {
            "id": f"re-{number}",
            "to": [f"A <a{number}@x.example>", "b@x.example"],
            "last_event": "delivered",
            "created_at": (NOW - timedelta(minutes=10 * number)).isoformat(),
        }
        for number in range(250)
    ]
    gone = [{"email": f"s{number}@x.example", "origin": "bounce", "created_at": "-1d"} for number in range(101)]
    lists, _ = opened("resend", resend={"emails": mails, "suppressions": gone})
    asked("resend")
    found = list(lists.mails(since=NOW - DAY))

    assert 2 == asked("resend")
    assert [f"a{number}@x.example" for number in range(145)] == [each["to"] for each in found][::2]
    assert {"b@x.example"} == {each["to"] for each in found[1::2]}
    assert 101 == len(list(lists.suppressed()))


@pytest.mark.parametrize(("provider", "error"), [("sendgrid", Unauthenticated), ("resend", Unauthenticated)])
def test_a_key_that_is_refused_is_met_at_once(provider, error, opened):
    """Nothing is read, and the error is that of every look."""
    lists, _ = opened(provider, key="re_wrong_0000")
    for rows in (lists.mails(since=NOW - DAY), lists.suppressed()):
        with pytest.raises(error):
            list(rows)


def test_a_key_that_may_not_read_lists_is_denied(opened):
    """SendGrid's 403 names the scopes."""
    lists, _ = opened("sendgrid", sendgrid={"scopes": ["email_activity.read"]})

    assert [] == list(lists.mails(since=NOW - DAY))
    with pytest.raises(Denied, match="lacks a scope"):
        list(lists.suppressed())


def test_without_a_provider_there_is_nothing():
    """Nobody is asked."""
    lists = EmailLists(Settings(), deadline=time.monotonic() + 5)

    assert [] == [*lists.mails(since=NOW), *lists.suppressed()]


ODD = {
    "an origin that is new": ("resend", "GET /suppressions", {"email": "x@y.example", "origin": "brand_new"}),
    "a list without an address": ("resend", "GET /suppressions", {"email": None, "origin": "bounce"}),
    "a mail without a time": (
        "resend",
        "GET /emails",
        {"to": ["x@y.example"], "last_event": "sent", "created_at": None},
    ),
    "a mail without a state": ("resend", "GET /emails", {"to": ["x@y.example"], "last_event": None}),
    "a bounce of nobody": ("sendgrid", "GET /v3/suppression/bounces", {"email": None, "created": 1700000000}),
    "a log of nobody": ("sendgrid", "POST /v3/logs", {"sg_message_id": "m", "to_email": None, "status": "delivered"}),
}


@pytest.mark.parametrize(("provider", "route", "entry"), ODD.values(), ids=[each.replace(" ", "-") for each in ODD])
def test_an_entry_that_cannot_be_read_is_an_unreadable_answer(provider, route, entry, opened):
    """It is the vendor's, and told as such: no bug of ours, which would end the sweep without any verdict."""
    at = "2026-11-20T14:00:00Z"
    whole = {"id": "e-1", "created_at": at, "sg_message_id_created_at": at, **entry}
    bodies = {"GET /v3/suppression/bounces": [whole], "POST /v3/logs": {"messages": [whole]}}
    body = bodies.get(route, {"object": "list", "data": [whole], "has_more": False})
    lists, _ = opened(provider, faults=[{"vendor": provider, "route": f"{route}*", "body": json.dumps(body)}])
    with pytest.raises(Unreachable, match="cannot be read"):
        list(lists.mails(since=NOW - DAY) if "mail" in route or "logs" in route else lists.suppressed())
