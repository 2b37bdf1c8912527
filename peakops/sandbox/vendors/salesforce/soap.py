"""SOAP's login() by user name and password, as long as Salesforce has it; nothing else of SOAP."""

import re
from html import escape, unescape

from peakops.sandbox.vendors.salesforce import versions
from peakops.sandbox.vendors.salesforce.envelope import Refusal
from peakops.sandbox.vendors.salesforce.login import INSTANCE, by_password, session
from peakops.sandbox.wire import Answer, Request, State

XML = {"Content-Type": "text/xml; charset=utf-8"}
SPACES = (
    'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com" '
    'xmlns:sf="urn:fault.partner.soap.sforce.com"'
)
WRONG = "Invalid username, password, security token; or user locked out."


def login(state: State, request: Request, version: str) -> Answer:
    """POST /services/Soap/u/{version}: a session, or a fault with HTTP 500."""
    try:
        versions.require(version)
    except Refusal:
        return fault("UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL")
    if float(version) > versions.LAST_WITH_LOGIN:
        return fault("UNSUPPORTED_API_VERSION", f"login() is not available in API version {version}")
    try:
        user = by_password(state, element(request, "username"), element(request, "password"))
    except Refusal:
        return fault("INVALID_LOGIN", f"INVALID_LOGIN: {WRONG}")
    if not user["IsActive"]:
        return fault("INVALID_LOGIN", f"INVALID_LOGIN: {WRONG}")
    server = f"{INSTANCE}/services/Soap/u/{version}/{state['organization']['Id'][:15]}"
    return sent(
        200,
        f"<loginResponse><result><serverUrl>{server}</serverUrl><sessionId>{session(state, user)}</sessionId>"
        f"<userId>{user['Id']}</userId></result></loginResponse>",
    )


def element(request: Request, name: str) -> str:
    """The text of an element of the request."""
    found = re.search(rf"<\w+:{name}>(.*?)</\w+:{name}>", request.body.decode("utf-8", "replace"), re.DOTALL)
    return unescape(found[1]) if found else ""


def fault(code: str, message: str) -> Answer:
    """SOAP's way to say no."""
    said = f"<sf:exceptionCode>{code}</sf:exceptionCode><sf:exceptionMessage>{escape(message)}</sf:exceptionMessage>"
    return sent(
        500,
        f"<soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{escape(message)}</faultstring>"
        f"<detail><sf:LoginFault>{said}</sf:LoginFault></detail></soapenv:Fault>",
    )


def sent(status: int, inside: str) -> Answer:
    """An envelope of SOAP's."""
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope {SPACES}><soapenv:Body>{inside}</soapenv:Body>'
        "</soapenv:Envelope>"
    )
    return Answer(status=status, body=text.encode(), headers=XML)
