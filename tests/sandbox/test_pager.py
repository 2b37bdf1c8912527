"""The played pager: Slack's incoming webhooks in Slack's words, and a webhook that takes any JSON."""

import json

import pytest
from conftest import call

from peakops import sandbox
from peakops.errors import BadInput

SLACK, HOOK = "/pager/slack/sandbox0slack0hook", "/pager/hook/sandbox0page0hook"
JSON = {"Content-Type": "application/json"}


def test_slack_takes_a_text_and_says_ok(play):
    """The two bytes, as text; what was taken can be read back, without the secret of the address."""
    box = play()
    status, headers, text = call(box, "POST", SLACK, {"text": "INC-1"}, **JSON)
    assert (200, "ok", "text/html; charset=utf-8") == (status, text, headers["Content-Type"])
    _, _, taken = call(box, "GET", "/pager/messages")
    assert [("slack", {"text": "INC-1"})] == [(each["kind"], each["body"]) for each in json.loads(taken)]
    assert "sandbox0slack0hook" not in taken


@pytest.mark.parametrize(
    ("status", "word", "path", "body", "headers"),
    [
        (400, "invalid_payload", SLACK, None, JSON),
        (400, "invalid_payload", SLACK, ["INC-1"], JSON),
        (400, "invalid_payload", SLACK, {"text": "INC-1"}, {"Content-Type": "text/plain"}),
        (400, "invalid_payload", SLACK, {"text": 7}, JSON),
        (400, "no_text", SLACK, {}, JSON),
        (404, "no_service", "/pager/slack/another", {"text": "INC-1"}, JSON),
    ],
)
def test_slack_refuses_in_a_word(play, status, word, path, body, headers):
    assert (status, word) == call(play(), "POST", path, body, **headers)[::2]


@pytest.mark.parametrize(
    ("error", "status"),
    [("channel_is_archived", 410), ("action_prohibited", 403), ("channel_not_found", 404), ("rate_limited", 429)],
)
def test_a_hook_of_the_world_refuses_always(play, error, status):
    """429 says when to come again."""
    box = play(pager={"hooks": [{"token": "sandbox0slack0hook", "error": error}]})
    answered, headers, text = call(box, "POST", SLACK, {"text": "INC-1"}, **JSON)
    assert (status, error) == (answered, text)
    assert ("30" if status == 429 else None) == headers.get("Retry-After")


def test_a_fault_strikes_the_pager_as_any_vendor(play):
    box = play(faults=[{"vendor": "pager", "route": "POST /slack/*", "status": 429, "retry_after": 7, "times": 1}])
    status, headers, _ = call(box, "POST", SLACK, {"text": "INC-1"}, **JSON)
    assert (429, "7") == (status, headers["Retry-After"])
    assert 200 == call(box, "POST", SLACK, {"text": "INC-1"}, **JSON)[0]


def test_the_webhook_takes_any_object(play, home):
    """202; a list is none. What was taken is in the dump, and a world of it loads again."""
    box = play()
    assert 202 == call(box, "POST", HOOK, {"incident": "INC-1"}, **JSON)[0]
    assert 400 == call(box, "POST", HOOK, [1], **JSON)[0]
    assert 404 == call(box, "POST", "/pager/hook/another", {}, **JSON)[0]
    dumped = sandbox.dump(home)
    assert [{"incident": "INC-1"}] == [each["body"] for each in dumped["pager"]["messages"]]
    sandbox.load(home, dumped, source="test")
    assert dumped["pager"] == sandbox.dump(home)["pager"]


@pytest.mark.parametrize(
    "part",
    [
        {"hook": []},
        {"hooks": [{"token": "t", "error": "nonsense"}]},
        {"hooks": [{"token": "t", "kind": "fax"}]},
        {"hooks": [{"token": "t", "kind": "webhook", "error": "no_service"}]},
    ],
)
def test_a_world_that_says_nonsense_is_refused(play, part):
    with pytest.raises(BadInput):
        play(pager=part)
