"""A Salesforce org that goes wrong as the sandbox cannot: its log-ins and its calls have a script each."""

from typing import Any

from .played import Asked, Played, Reply

TOKEN = "00DSB0000000001!canary_session"
GRANTED = {"access_token": TOKEN, "instance_url": "https://sandbox.my.salesforce.com", "token_type": "Bearer"}
PREFIX = "/salesforce"


class Org(Played):
    """Calls get one of `replies` after the other, log-ins one of `logins`; the last one again and again."""

    def __init__(self, *replies: Reply, logins: tuple[Reply, ...] = (Reply(body=GRANTED),)) -> None:
        super().__init__(*(replies or (Reply(body=page()),)))
        self.granting, self.logins = list(logins), list[Asked]()
        self.url += PREFIX

    def next(self, asked: Asked) -> Reply:
        if not asked.path.startswith((f"{PREFIX}/services/oauth2/token", f"{PREFIX}/services/Soap/")):
            return super().next(asked)
        self.logins.append(asked)
        return self.granting.pop(0) if len(self.granting) > 1 else self.granting[0]


def page(*records: dict[str, Any], more: str = "") -> dict[str, Any]:
    """A page of a query's answer."""
    found = {"totalSize": len(records), "done": not more, "records": list(records)}
    return {**found, "nextRecordsUrl": more} if more else found


def case(number: int, **given: Any) -> dict[str, Any]:
    """A case as Salesforce gives it."""
    return {
        "attributes": {"type": "Case", "url": f"/services/data/v62.0/sobjects/Case/{number}"},
        "Id": f"500SB{number:010}AAA",
        "CaseNumber": f"{number:08}",
        "Portal_Case_Id__c": None,
        "AccountId": "001SB0000000001YAA",
        "Status": "New",
        "CreatedDate": "2026-11-20T14:00:00.000+0000",
        "IsDeleted": False,
        **given,
    }


def refusal(code: str, message: str = "", *fields: str) -> list[dict[str, Any]]:
    """An error as Salesforce words it."""
    return [{"message": message or f"canary text of {code}", "errorCode": code, "fields": list(fields)}]


def soap(**elements: str) -> str:
    """An answer of the SOAP log-in; two underscores are a prefix."""
    inner = "".join(f"<{name.replace('__', ':')}>{text}</{name.replace('__', ':')}>" for name, text in elements.items())
    return f'<?xml version="1.0"?><e:Envelope xmlns:e="e" xmlns:sf="sf"><e:Body>{inner}</e:Body></e:Envelope>'
