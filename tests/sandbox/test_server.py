"""The vendors are played on one loopback port, and fail as the world says."""

import http.client
import json
import threading
import time

import pytest
from conftest import call, world

from peakops import sandbox
from peakops.sandbox import faults

PARCELS = "/ups/v1/parcels"


def fault(**keys):
    return {"vendor": "ups", "route": "*", **keys}


def test_a_vendor_answers_and_remembers(play, home):
    """The vendor gets its own path, the query and the world's time; what it changes is in the dump."""
    box = play(ups={"accounts": ["A1"]})
    status, _, text = call(box, "POST", PARCELS, {"id": "p1"})
    parcel = {"shipment_id": "p1", "created_at": "2026-11-20T15:00:00+00:00"}
    assert (201, parcel) == (status, json.loads(text))
    _, headers, text = call(box, "GET", PARCELS + "?a=1&a=&b=x%20y")
    assert {"data": [parcel], "query": [["a", "1"], ["a", ""], ["b", "x y"]]} == json.loads(text)
    assert "Fri, 20 Nov 2026 15:00:00 GMT" == headers["Date"]
    assert {"accounts": ["A1"], "shipments": [parcel]} == sandbox.dump(home)["ups"]


def test_a_path_is_handed_over_decoded(play):
    """A vendor sees `a b`, not `a%20b`."""
    assert "/v1/parcels/a b" == json.loads(call(play(), "GET", PARCELS + "/a%20b")[2])["path"]


def test_requests_are_noted(play, home):
    """Each request of this world is noted with its outcome, those that no vendor knows apart as well."""
    box = play(faults=[{"vendor": "ups", "route": "GET /v1/parcels", "status": 503, "times": 1}])
    call(box, "GET", PARCELS + "?limit=3")
    call(box, "GET", PARCELS)
    call(box, "GET", "/ups/v9/nothing")
    call(box, "GET", "/vercel/v1/whatever")
    call(box, "GET", "/nobody/x")
    noted = [(r["vendor"], r["path"], r["query"], r["status"]) for r in sandbox.requests(home)]
    unknown = [("ups", "/v9/nothing", [], 404), ("vercel", "/v1/whatever", [], 404), ("", "/nobody/x", [], 404)]
    assert [("ups", "/v1/parcels", [["limit", "3"]], 503), ("ups", "/v1/parcels", [], 200), *unknown] == noted
    assert [row[1] for row in unknown] == [r["path"] for r in sandbox.unknown_requests(home)]
    play()
    assert ([], []) == (sandbox.requests(home), sandbox.unknown_requests(home))


def test_a_fault_answers_in_the_vendor_s_envelope_and_counts_down(play, home):
    """`status`, `error` and `retry_after` come in the vendor's own form, as often as `times` says."""
    box = play(faults=[fault(status=503, error="busy", retry_after=7, times=2), fault(error="rate_limit", times=1)])
    status, headers, text = call(box, "GET", PARCELS)
    assert (503, "7", {"tiny": "busy"}) == (status, headers["Retry-After"], json.loads(text))
    assert 1 == sandbox.dump(home)["faults"][0]["times"]
    assert [503, 429, 200] == [call(box, "GET", PARCELS)[0] for _ in range(3)]
    assert [0, 0] == [entry["times"] for entry in sandbox.dump(home)["faults"]]


def test_a_fault_strikes_its_route_only(play):
    """The method and the glob must fit; a star may span slashes."""
    box = play(faults=[{"vendor": "ups", "route": "GET /v1/parcels/*", "status": 418}])
    assert 200 == call(box, "GET", PARCELS)[0]
    assert 418 == call(box, "GET", PARCELS + "/7")[0]
    assert 201 == call(box, "POST", PARCELS, {"id": "p"})[0]


def test_a_raw_body(play):
    """`body` is sent as it stands: with 200, or the status that is given."""
    box = play(faults=[fault(body="<html>not json</html>", times=1), fault(body="{", status=502)])
    assert (200, "<html>not json</html>") == call(box, "GET", PARCELS)[::2]
    assert (502, "{") == call(box, "GET", PARCELS)[::2]


def test_a_reset_connection(play, home):
    """`reset` resets the connection, and nothing is carried out."""
    box = play(faults=[fault(reset=True)])
    with pytest.raises(ConnectionResetError) as broken:
        call(box, "POST", PARCELS, {"id": "p1"})
    assert ConnectionResetError is broken.type, "RemoteDisconnected is an orderly end"
    assert [] == sandbox.dump(home)["ups"]["shipments"]


def test_a_connection_that_breaks_after_the_effect(play, home):
    """`drop_connection` carries the write out, and the caller never hears of it."""
    box = play(faults=[fault(after_effect="drop_connection", times=1)])
    with pytest.raises(http.client.RemoteDisconnected):
        call(box, "POST", PARCELS, {"id": "p1"})
    assert ["p1"] == [parcel["shipment_id"] for parcel in sandbox.dump(home)["ups"]["shipments"]]
    assert None is sandbox.requests(home)[0]["status"]


def test_a_slow_vendor_stops_nobody_else(play):
    """While one request sleeps, others are answered."""
    box = play(faults=[{"vendor": "ups", "route": "GET /v1/parcels/*", "delay_s": 1.5}])
    began = time.monotonic()
    slow = threading.Thread(target=call, args=(box, "GET", PARCELS + "/1"))
    slow.start()
    assert 200 == call(box, "GET", PARCELS)[0]
    assert 1 > time.monotonic() - began
    slow.join()
    assert 1.5 <= time.monotonic() - began


def test_a_write_that_slept_through_a_load_does_not_touch_the_new_world(play, home):
    """A request belongs to the world in which it was made."""
    box = play(faults=[{"vendor": "ups", "route": "POST /v1/parcels", "delay_s": 0.5}])
    broken = []

    def write():
        try:
            call(box, "POST", PARCELS, {"id": "late"})
        except http.client.RemoteDisconnected as error:
            broken.append(error)

    late = threading.Thread(target=write)
    late.start()
    time.sleep(0.1)
    play()
    late.join()
    assert (1, []) == (len(broken), sandbox.dump(home)["ups"]["shipments"])


def test_a_vendor_that_crashes_answers_500(play):
    """A mistake in a vendor is an answer and a line in the log, not a hung client."""
    box = play()
    assert 500 == call(box, "GET", "/ups/v1/crash")[0]
    assert 200 == call(box, "GET", PARCELS)[0]


def test_a_kept_alive_connection_is_quick(play):
    """Fifty requests on one connection: without the two settings of the server each takes 44 ms."""
    connection = http.client.HTTPConnection(play().http.removeprefix("http://"))
    began = time.monotonic()
    for _ in range(50):
        connection.request("GET", PARCELS)
        answer = connection.getresponse()
        answer.read()
        assert 200 == answer.status
    connection.close()
    assert 1.5 > time.monotonic() - began


def test_the_control_routes_need_the_token(play, home):
    """Another user of this machine can reach the port, not the world."""
    box = play()
    before = sandbox.dump(home)
    assert 403 == call(box, "POST", "/_sandbox/load", world())[0]
    assert 403 == call(box, "GET", "/_sandbox/dump", **{"X-Sandbox-Token": "guess"})[0]
    assert 200 == call(box, "GET", "/_sandbox/dump", **{"X-Sandbox-Token": box.token})[0]
    assert before == sandbox.dump(home)


@pytest.mark.parametrize(
    ("glob", "template", "fits"),
    [
        ("/v1/charges", "/v1/charges", True),
        ("/v1/charges", "/v1/charges/{id}", False),
        ("/v1/charges/*", "/v1/charges/{id}", True),
        ("/v1/charges/ch_1", "/v1/charges/{id}", True),
        ("/v1/charges/ch_1/x", "/v1/charges/{id}", False),
        ("/v1/charges/", "/v1/charges/{id}", False),
        ("/v1/charges/ch_?", "/v1/charges/{id}", True),
        ("/services/data/*/sobjects/Case/*", "/services/data/{version}/sobjects/{object}/{id}", True),
        ("*/refunds", "/v1/charges/{id}/refunds", True),
        ("/v2/*", "/v1/charges/{id}", False),
    ],
)
def test_a_glob_meets_a_template(glob, template, fits):
    """A fault's glob is accepted if some request of the route fits it."""
    assert fits == faults.meets(glob, template)
