"""simple-salesforce without what it imports and a client of cases has no use for: half of its 165 ms."""

import sys
from types import ModuleType
from typing import Any

from peakops.errors import NotConfigured


def _sign(payload: dict[str, Any], key: str, algorithm: str) -> str:
    """A JSON Web Token, made by PyJWT; the only thing that the library wants of it. Raises NotConfigured."""
    import jwt

    try:
        return jwt.encode(payload, key, algorithm=algorithm)
    except (jwt.PyJWTError, TypeError, ValueError):
        raise NotConfigured(
            "The private key for Salesforce is no RSA key in PEM.",
            code="salesforce.malformed_key",
            hint="Check PEAKOPS_SALESFORCE_PRIVATE_KEY and PEAKOPS_SALESFORCE_WRITE_PRIVATE_KEY.",
            source="salesforce",
        ) from None


def _instead(name: str, **given: Any) -> ModuleType:
    """A module that has nothing but this."""
    made = ModuleType(name)
    vars(made).update(given)
    return made


# The Metadata API takes zeep and lxml along; nobody changes an org from here.
sys.modules.setdefault("simple_salesforce.metadata", _instead("simple_salesforce.metadata", SfdcMetadataApi=object))
_before = sys.modules.get("jwt")
# PyJWT takes cryptography along, which only one way to log in needs.
sys.modules["jwt"] = _instead("jwt", encode=_sign)
try:
    from simple_salesforce import login
    from simple_salesforce.api import Salesforce
    from simple_salesforce.exceptions import SalesforceError
    from simple_salesforce.format import format_external_id, format_soql
    from simple_salesforce.login import SalesforceLogin
finally:
    if _before is None:
        del sys.modules["jwt"]
    else:
        sys.modules["jwt"] = _before

# It warns with the consumer key in the text where a user has not approved the app; the error says as much.
vars(login)["warnings"] = _instead("warnings", warn=lambda *_: None)

__all__ = ["Salesforce", "SalesforceError", "SalesforceLogin", "format_external_id", "format_soql"]
