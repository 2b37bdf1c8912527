"""A vendor of two resources, for the tests of the sandbox's core."""

import json

from peakops.errors import BadInput
from peakops.sandbox.wire import Answer

NAME = "ups"
ROUTES = (("GET", "/v1/parcels"), ("POST", "/v1/parcels"), ("GET", "/v1/parcels/{id}"), ("GET", "/v1/crash"))
USUAL = {"rate_limit": 429}


def complete(part, now):
    for key in part:
        if key not in ("accounts", "products", "addresses", "shipments"):
            raise BadInput(f"ups.{key}: no such resource.")
    return {"accounts": [], "shipments": [], **part}


def handle(state, request):
    if request.path == "/v1/crash":
        raise RuntimeError("crashed on purpose")
    if (request.method, request.path) == ("POST", "/v1/parcels"):
        parcel = {"shipment_id": json.loads(request.body)["id"], "created_at": request.now.isoformat()}
        state["shipments"].append(parcel)
        state["_private"] = "not part of a world"
        return Answer(status=201, body=state["shipments"][-1])
    if request.path == "/v1/parcels":
        return Answer(body={"data": state["shipments"], "query": [list(pair) for pair in request.query]})
    return Answer(status=404, body={"tiny": "not found", "path": request.path})


def refuse(status, error, retry_after):
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Answer(status=status or USUAL.get(error, 400), body={"tiny": error}, headers=headers)
