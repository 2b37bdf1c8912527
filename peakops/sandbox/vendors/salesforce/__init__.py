"""Salesforce, as the sandbox plays it: log-in, queries, the describe, and cases that remember what was done to them."""

from peakops.sandbox.vendors.salesforce import data, login, soap
from peakops.sandbox.vendors.salesforce.completion import complete
from peakops.sandbox.vendors.salesforce.envelope import Refusal, refuse
from peakops.sandbox.wire import Answer, Request, State

NAME = "salesforce"

TOKEN = ("POST", "/services/oauth2/token")
USERINFO = ("GET", "/services/oauth2/userinfo")
SOAP = "/services/Soap/u/"
ROUTES: tuple[tuple[str, str], ...] = (TOKEN, USERINFO, ("POST", f"{SOAP}{{version}}"), *data.ROUTES)


def handle(state: State, request: Request) -> Answer:
    """Answer as Salesforce would."""
    route = (request.method, request.path)
    try:
        if route == TOKEN:
            return login.token(state, request)
        if route == USERINFO:
            return login.userinfo(state, request)
        if request.method == "POST" and request.path.startswith(SOAP):
            return soap.login(state, request, request.path.removeprefix(SOAP).partition("/")[0])
        return data.data(state, request)
    except Refusal as refusal:
        return refusal.answer()


__all__ = ["NAME", "ROUTES", "complete", "handle", "refuse"]
