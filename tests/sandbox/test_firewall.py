"""The sandbox's firewall: what a world may say of it, whom it lets in, and that a draft is a copy of the whole."""

import json

import pytest
from conftest import call

from peakops import sandbox
from peakops.errors import BadInput
from peakops.sandbox.state import Sandbox

CONFIG = "/v1/security/firewall/config"
PROJECT, TEAM = f"projectId={Sandbox.vercel_project}", f"teamId={Sandbox.vercel_team}"
FIREWALL = {
    "ips": [{"id": "ip_1", "ip": "192.0.2.0/24"}],
    "rules": [{"id": "r", "name": "api", "rate_limit": {"limit": 9}}],
}


@pytest.fixture
def firewall(play):
    """Load a firewall, and ask it: status and document."""

    def load(**part):
        box = play(vercel={"firewall": {**FIREWALL, **part}})

        def ask(method, path, body=None, query=f"{PROJECT}&{TEAM}"):
            headers = {"Authorization": f"Bearer {Sandbox.vercel_token}"}
            status, _, text = call(box, method, f"/vercel{path}?{query}", body, **headers)
            return status, json.loads(text)

        return ask

    return load


@pytest.mark.parametrize(
    ("part", "place"),
    [
        ({"ips": [{"ip": "fish"}]}, "vercel.firewall.ips[0].ip"),
        ({"ips": [{"ip": "192.0.2.7/24"}]}, "vercel.firewall.ips[0].ip"),
        ({"ips": [{"ip": "192.0.2.7", "action": "drop"}]}, "vercel.firewall.ips[0].action"),
        ({"ips": [{"ip": "192.0.2.7", "until": "+1h"}]}, "vercel.firewall.ips[0]"),
        ({"ips": [{"id": "r", "ip": "192.0.2.7"}]}, "vercel.firewall"),
        ({"rules": [{"id": "r"}]}, "vercel.firewall.rules[0].name"),
        ({"rules": [{"name": "a", "rate_limit": {"limits": 1}}]}, "vercel.firewall.rules[0].rate_limit"),
        ({"draft": {"colour": 1}}, "vercel.firewall.draft"),
        ({"colour": 1}, "vercel.firewall"),
    ],
)
def test_what_a_world_may_not_say(part, place, play):
    """It is refused by name with its place."""
    with pytest.raises(BadInput) as wrong:
        play(vercel={"firewall": {**FIREWALL, **part}})

    assert place in wrong.value.says


@pytest.mark.parametrize(
    ("query", "status"),
    [(PROJECT, 403), (f"{TEAM}", 400), (f"projectId=prj_other&{TEAM}", 404), (f"{PROJECT}&teamId=team_other", 403)],
)
def test_whom_it_lets_in(query, status, firewall):
    """A call names the project, and is in its team's name."""
    assert status == firewall()("GET", CONFIG, query=query)[0]


def test_a_draft_that_is_published_undoes_what_was_changed_beside_it(firewall):
    """It is a copy of the whole as it was, which is why nobody should change the firewall while there is one."""
    ask = firewall()
    entry = {"hostname": "*", "ip": "198.51.100.0/24", "action": "deny"}
    ask("PATCH", f"{CONFIG}/draft", {"action": "ip.insert", "value": {**entry, "action": "log"}})
    ask("PATCH", CONFIG, {"action": "ip.remove", "id": "ip_1"})
    beside = ask("GET", f"{CONFIG}/active")[1]["ips"]
    ask("POST", f"{CONFIG}/draft/activate", {})
    after = ask("GET", CONFIG)[1]

    assert [] == beside
    assert ["192.0.2.0/24", "198.51.100.0/24"] == [each["ip"] for each in after["active"]["ips"]]
    assert after["draft"] is None


def test_what_was_changed_is_dumped_and_loaded_again(firewall, home, play):
    """A world can be recorded after a write: an entry, a limit, a draft with its changes."""
    ask = firewall(draft={"author": "robin-deploys", "changes": [{"action": "ip.insert"}]})
    ask("PATCH", CONFIG, {"action": "ip.remove", "id": "ip_1"})
    dumped = sandbox.dump(home)["vercel"]
    box = play(vercel=dumped)

    assert ([], "robin-deploys") == (dumped["firewall"]["ips"], dumped["firewall"]["draft"]["author"])
    assert dumped == sandbox.dump(home)["vercel"]
    assert box


def test_an_entry_may_be_made_twice(firewall):
    """Vercel tells of no check, so the sandbox has none: a client that does not look makes a twin."""
    ask = firewall()
    body = {"action": "ip.insert", "value": {"hostname": "*", "ip": "198.51.100.0/24", "action": "deny"}}
    for _ in range(2):
        ask("PATCH", CONFIG, body)

    assert 3 == len({each["id"] for each in ask("GET", f"{CONFIG}/active")[1]["ips"]})
