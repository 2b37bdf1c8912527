"""The pager's writer against servers that go wrong: called once, nowhere else, and the address is in no error."""

import pytest

from peakops.errors import NotConfigured, PeakopsError, Refused, TimedOut, Unreachable
from peakops.sources import pager_writer
from peakops.sources.pager_writer import PagerWriter

from .played import Reply

SECRET = "T0SECRET"
OK = Reply(body="ok", headers={"Content-Type": "text/html"})


def writer(url):
    return PagerWriter({"PEAKOPS_PAGE_X": url})


def test_the_address_is_posted_to_as_it_is(played):
    """Its last slash and its query belong to it; what is special to Slack is written out."""
    server = played(OK)
    writer(f"{server.url}/services/{SECRET}/?a=b").slack(variable="PEAKOPS_PAGE_X", text="<!channel> & co")
    [asked] = server.asked
    assert ("POST", f"/services/{SECRET}/?a=b") == (asked.method, asked.path)
    assert {"text": "&lt;!channel&gt; &amp; co"} == asked.body


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(status=302, headers={"Location": "/elsewhere"}), Unreachable),
        (Reply(body="<html>Sign in</html>"), Unreachable),
        (Reply(body={"ok": True}), Unreachable),
        (Reply(status=400, body="invalid_payload"), Refused),
        (Reply(endless=True), TimedOut),
        (Reply(drip=True), TimedOut),
        (Reply(reset=True), Unreachable),
    ],
)
def test_what_is_not_ok_is_an_error_without_the_address(played, monkeypatch, reply, error):
    """One request, wherever the answer would lead; an answer without an end is not waited for."""
    monkeypatch.setattr(pager_writer, "PAGE_SECONDS", 0.5)
    server = played(reply)
    with pytest.raises(error) as raised:
        writer(f"{server.url}/services/{SECRET}").slack(variable="PEAKOPS_PAGE_X", text="INC-1")
    assert 1 == len(server.asked)
    assert SECRET not in f"{raised.value.says} {raised.value.hint} {raised.value.code}"


@pytest.mark.parametrize("address", ["http://hooks.example/T0SECRET", "nonsense T0SECRET", "https://[T0SECRET", ""])
def test_an_address_that_is_none_is_named_by_its_variable(address):
    with pytest.raises(NotConfigured) as raised:
        writer(address).webhook(variable="PEAKOPS_PAGE_X", body={})
    assert "PEAKOPS_PAGE_X" in raised.value.says
    assert SECRET not in f"{raised.value.says} {raised.value.hint}"


def test_a_webhook_needs_no_word(played):
    """204 without a body has taken it."""
    server = played(Reply(status=204, body=""))
    made = writer(server.url).webhook(variable="PEAKOPS_PAGE_X", body={"incident": "INC-1"})
    assert "sent" == made["status"]
    assert [{"incident": "INC-1"}] == [each.body for each in server.asked]


def test_a_refusal_is_certain(played):
    """It is known that nobody was called."""
    with pytest.raises(PeakopsError) as raised:
        writer(played(Reply(status=404, body="no_service")).url).slack(variable="PEAKOPS_PAGE_X", text="INC-1")
    assert ("slack.no_service", True) == (raised.value.code, raised.value.nothing_done)
