"""The project's deployments as Vercel lists them, by page from the newest on, and each by itself."""

from peakops.sandbox.state import Sandbox
from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.vercel.access import PROJECT_NAME, in_team, milliseconds
from peakops.sandbox.vendors.vercel.envelope import Refusal
from peakops.sandbox.wire import Answer, Request, State

USUAL, MOST = 20, 100
CREATOR = {"uid": "eLrCnEgbKhsHyfbiNR7E8496", "username": "casey-deploys"}
COMMIT = "CommitSha", "CommitRef"
HOSTS = ("github", "gitlab", "bitbucket")


def page(state: State, request: Request) -> Answer:
    """GET /v7/deployments: a page of those that a call asks for; `next` is the `until` of the next page."""
    query = dict(request.query)
    if not in_team(request) or query.get("projectId", Sandbox.vercel_project) not in (
        Sandbox.vercel_project,
        PROJECT_NAME,
    ):
        raise Refusal("forbidden")
    found = [each for each in state["deployments"] if fits(each, query)]
    limit = min(MOST, whole(query, "limit", USUAL))
    shown = [entry(each) for each in found[:limit]]
    more = len(found) > limit
    pagination = {
        "count": len(shown),
        "next": shown[-1]["created"] if more else None,
        "prev": shown[0]["created"] if shown else None,
    }
    return Answer(body={"deployments": shown, "pagination": pagination})


def fits(each: Object, query: dict[str, str]) -> bool:
    """Whether a deployment is what a call asks for."""
    at = milliseconds(each["created"])
    states = [state for state in query.get("state", "").split(",") if state]
    return (
        query.get("target", each["target"]) == each["target"]
        and (not states or each["state"] in states)
        and whole(query, "since", 0) <= at < whole(query, "until", at + 1)
        and all(
            name not in query or query[name] in commit(each, suffix)
            for name, suffix in zip(("sha", "branch"), COMMIT, strict=True)
        )
    )


def commit(each: Object, suffix: str) -> list[str]:
    """What the deployment's meta says of its commit, whoever hosts the code."""
    return [each["meta"][f"{host}{suffix}"] for host in HOSTS if f"{host}{suffix}" in each["meta"]]


def whole(query: dict[str, str], name: str, default: int) -> int:
    """A number of a query."""
    value = query.get(name, str(default))
    if not (value.isascii() and value.isdecimal()):
        raise Refusal("bad_request", f"Invalid request: `{name}` should be number.")
    return int(value)


def entry(each: Object) -> Object:
    """A deployment as a list has it."""
    created = milliseconds(each["created"])
    return {
        "uid": each["uid"],
        "name": PROJECT_NAME,
        "projectId": Sandbox.vercel_project,
        "url": each["url"],
        "created": created,
        "createdAt": created,
        "state": each["state"],
        "readyState": each["state"],
        "type": "LAMBDAS",
        "source": "git",
        "creator": {**CREATOR, "email": "casey@peakdental.example"},
        "meta": each["meta"],
        "target": None if each["target"] == "preview" else each["target"],
        "inspectorUrl": f"https://vercel.com/peak-dental-studio/{PROJECT_NAME}/{each['uid'].removeprefix('dpl_')}",
        **({"ready": created + 60_000} if each["state"] == "READY" else {}),
        **({"errorCode": each["error_code"]} if each["error_code"] else {}),
    }


def one(state: State, request: Request, *, id: str) -> Answer:
    """GET /v13/deployments/{id}: one by its id or host, with what Vercel tells of it to anybody."""
    found = next((each for each in state["deployments"] if id in (each["uid"], each["url"])), None)
    if found is None or not in_team(request):
        raise Refusal("not_found", "The deployment was not found.")
    listing = entry(found)
    kept = ("name", "url", "createdAt", "type", "source", "meta", "target", "errorCode", "ready", "readyState")
    told = {
        "id": listing["uid"],
        **{name: listing[name] for name in kept if name in listing},
        "status": listing["state"],
        "aliasAssigned": found["state"] == "READY",
        "bootedAt": listing["created"],
        "buildingAt": listing["created"],
        "buildSkipped": False,
        "creator": CREATOR,
        "public": False,
        "regions": ["iad1"],
        "version": 2,
    }
    return Answer(body=told)
