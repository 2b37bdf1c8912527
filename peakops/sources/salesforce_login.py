"""How Salesforce is logged in to: with an app and its secret, an app and a signed user, or a password for a while."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from html import escape
from typing import Any
from urllib.parse import urlsplit
from xml.parsers.expat import ExpatError

import requests

from peakops import playbook
from peakops.endpoints import is_loopback, is_safe
from peakops.errors import Denied, NotConfigured, PeakopsError, Refused, Unauthenticated
from peakops.settings import Settings, WriteKeys
from peakops.sources.http_errors import Answer, unreadable
from peakops.sources.salesforce_door import Door, Straight
from peakops.sources.salesforce_errors import api_for, code_of, of_transport, told
from peakops.sources.salesforce_library import SalesforceError, SalesforceLogin

READING, WRITING = "PEAKOPS_SALESFORCE_", "PEAKOPS_SALESFORCE_WRITE_"
ADDRESS = "PEAKOPS_SALESFORCE_URL"
FLOWS = {
    "client_credentials": ("consumer_key", "consumer_secret"),
    "jwt": ("consumer_key", "username", "private_key"),
    "password": ("username", "password"),
}
"""What each way to log in needs; of several that have it, the first is taken."""
SPOKEN = {"client_credentials": "client credentials", "jwt": "a signed JWT", "password": "a password"}
ENDS = (
    "Salesforce ends the log-in with a password (SOAP) on 2027-06-01: set up an app, and log in with client "
    "credentials or a JWT; see docs/settings.md."
)
LAST_WITH_PASSWORD = 64
"""The last version of the API that takes a password."""
TESTING = (".sandbox.", ".scratch.")
"""In the host of an org that is no production, and whose users log in at test.salesforce.com."""
DOMAIN = ".salesforce.com"
"""What the library puts behind every host."""


@dataclass(frozen=True, kw_only=True)
class Login:
    """One way to log in, whole; secrets do not show in its repr."""

    flow: str
    url: str
    """The org's address."""
    prefix: str
    """How the settings begin that it was made of."""
    login_url: str = ""
    version: str = ""
    consumer_key: str | None = field(default=None, repr=False)
    consumer_secret: str | None = field(default=None, repr=False)
    username: str | None = None
    private_key: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    security_token: str | None = field(default=None, repr=False)

    @property
    def secret(self) -> str:
        """The setting that holds what it proves itself with."""
        return f"{self.prefix}{FLOWS[self.flow][-1].upper()}"

    @property
    def host(self) -> str:
        """The org's host, as requests writes it, and its port where it has one."""
        return urlsplit(self.url).netloc.lower()

    @property
    def central(self) -> str:
        """The host that a JWT is for and a password goes to, which of a sandbox and a scratch org is another one."""
        host = urlsplit(self.login_url).hostname or ""
        if host and not is_loopback(host):
            return host
        return f"{'test' if any(each in self.host for each in TESTING) else 'login'}{DOMAIN}"

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that may be asked: what is secret goes to no other."""
        return (self.host, self.central)


def of_reader(settings: Settings) -> Login:
    """How the settings log in. Raises NotConfigured where none of the ways has what it needs."""
    given = {each.name: getattr(settings, f"salesforce_{each.name}", None) for each in fields(Login)}
    return _login(settings, given, READING, settings.salesforce_flow)


def of_writer(settings: Settings, keys: WriteKeys) -> Login:
    """How the app that may make cases logs in, which no password does. Raises NotConfigured."""
    given = {each.name: getattr(keys, f"salesforce_{each.name}", None) for each in fields(Login)}
    return _login(settings, given, WRITING, None)


def log_in(login: Login, door: Door, session: Straight) -> str:
    """
    A session's id, which is a secret; the library asks for it through the door.

    Raises Unauthenticated with what Salesforce calls it, or what a call raises.
    """
    api = api_for(login.secret)
    try:
        token, _ = SalesforceLogin(session=session, sf_version=login.version, **_credentials(login))
    except SalesforceError as wrong:
        raise _refused(login, door.answer, getattr(wrong, "code", None)) from None
    except requests.JSONDecodeError:
        raise told(api, door.answer) from None
    except requests.RequestException as wrong:
        raise of_transport(api, wrong) from None
    except (AttributeError, KeyError, TypeError, ValueError, ExpatError):
        raise _refused(login, door.answer, None) from None
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise unreadable(api, door.answer, "it holds no session")
    return token


def _login(settings: Settings, given: Mapping[str, str | None], prefix: str, wanted: str | None) -> Login:
    had = [flow for flow, needed in FLOWS.items() if all(given[each] for each in needed)]
    flow = wanted or next(iter(had), "client_credentials")
    missing = [f"{prefix}{each.upper()}" for each in FLOWS[flow] if not given[each]]
    url = (settings.salesforce_url or "").rstrip("/")
    missing = [*([] if url else [ADDRESS]), *missing]
    if missing:
        says = "Salesforce is not configured."
        hint = f"Set {', '.join(missing)} for the log-in with {SPOKEN[flow]}; see docs/settings.md."
        code = "salesforce.not_configured" if prefix == READING else "salesforce.no_write_key"
        raise NotConfigured(says, code=code, hint=hint, source="salesforce")
    secrets = {each: given[each] for each in given if each not in ("flow", "url", "prefix", "login_url", "version")}
    made = Login(
        flow=flow,
        url=url,
        prefix=prefix,
        login_url=settings.salesforce_login_url or "",
        version=settings.salesforce_version,
        **secrets,
    )
    _check(made)
    return made


def _check(login: Login) -> None:
    """Raises NotConfigured for an address that the library cannot ask, and a password that Salesforce does not take."""
    here = is_loopback(urlsplit(login.url).hostname or "")
    if not is_safe(login.url) or not (here or all(each.endswith(DOMAIN) for each in login.hosts)):
        says = f"{ADDRESS} is not the address of an org, https://<domain>.my{DOMAIN}."
        raise NotConfigured(
            says, code="salesforce.malformed_address", hint="See docs/settings.md.", source="salesforce"
        )
    if login.flow == "password" and float(login.version) > LAST_WITH_PASSWORD:
        says = f"Salesforce takes no password from version {LAST_WITH_PASSWORD + 1}.0 of its API on."
        hint = f"Log in with an app; or, until 2027-06-01, set {READING}VERSION to {LAST_WITH_PASSWORD}.0."
        raise NotConfigured(says, code="salesforce.password_ended", hint=hint, source="salesforce")


def _credentials(login: Login) -> dict[str, Any]:
    """What the library wants for a way to log in; it calls the beginning of a host a domain."""
    here = is_loopback(urlsplit(login.url).hostname or "")
    org = "sandbox.my" if here else login.host.removesuffix(DOMAIN)
    central = login.central.removesuffix(DOMAIN)
    match login.flow:
        case "client_credentials":
            return {
                "consumer_key": login.consumer_key,
                "consumer_secret": login.consumer_secret,
                "domain": org,
            }
        case "jwt":
            # Of a JWT the domain is what it is for, and the other one where it is sent.
            return {
                "consumer_key": login.consumer_key,
                "username": login.username,
                "privatekey": login.private_key,
                "domain": central,
                "instance_url": org,
            }
    token = escape(login.security_token) if login.security_token else None
    return {"username": login.username, "password": login.password, "security_token": token, "domain": central}


def _refused(login: Login, answer: Answer, code: object) -> PeakopsError:
    """The error for a log-in that failed, whose reason is told in our words."""
    if 200 <= answer.status < 300:
        return unreadable(api_for(login.secret), answer, "it holds no session")
    if isinstance(code, str) and not code_of(answer):
        # SOAP's answer is XML, which the library has read; its status is 500 whatever it says.
        answer = Answer(status=400, headers=answer.headers, body={"error": code})
    wrong = told(api_for(login.secret), answer)
    if isinstance(wrong, Unauthenticated | Denied | Refused):
        means, do = _meant(answer) or (wrong.says, wrong.hint)
        says = f"Salesforce refuses the log-in with {SPOKEN[login.flow]}: {means[:1].lower()}{means[1:]}"
        error = Unauthenticated(says, code=wrong.code, hint=do, source="salesforce")
        error.http_status = answer.status
        return error
    return wrong


def _meant(answer: Answer) -> tuple[str, str] | None:
    """What the description of the error means, and what to do; None where it tells nothing more."""
    said = str(answer.body.get("error_description", "")).lower() if isinstance(answer.body, dict) else ""
    rows = playbook.words("salesforce")["logins"].values()
    return next(((each["means"], each["do"]) for each in rows if each["says"] in said), None)
