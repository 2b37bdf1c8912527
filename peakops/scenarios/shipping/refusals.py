"""The questions of `shipping check` about what UPS refuses: credentials, products, account, limits. Pure."""

from datetime import timedelta

from peakops.scenario import Facts, Outcome, found, ok, skip
from peakops.scenarios.shipping import parcel, standing
from peakops.scenarios.shipping.labels import OTHER
from peakops.scenarios.shipping.standing import instead
from peakops.scenarios.words import day, lasting


def credentials(facts: Facts) -> Outcome:
    if not standing.of_ups(facts):
        return skip(OTHER)
    met, code = standing.met(facts, "credentials"), standing.refused(facts, "credentials")
    if met:
        return found(
            "ups_credentials",
            f"Those of peakops: {met[1].message}",
            cause="of_peakops",
            instead=instead("credentials_of_peakops"),
            curable=False,
        )
    if code:
        works = " Those of peakops work." if facts.known("token") else ""
        return _of_the_portal(facts, "ups_credentials", f"{standing.told(code)}{works}", "portals_credentials")
    return ok("Nothing was refused for them.")


def product(facts: Facts) -> Outcome:
    if not standing.of_ups(facts):
        return skip(OTHER)
    met, code = standing.met(facts, "product"), standing.refused(facts, "product")
    if met:
        look, fault = met
        code = fault.code.removeprefix("ups.")
        says = (
            f"UPS gives the app of peakops a token, and refuses it {standing.PRODUCTS.get(look, look)} (code {code})."
        )
        words = instead("product_of_peakops")
        return found("ups_product_missing", says, cause="of_peakops", instead=words, curable=False)
    if code:
        has = " The app of peakops has what a label needs." if facts.known("token", "label") else ""
        return _of_the_portal(facts, "ups_product_missing", f"{standing.told(code)}{has}", "portals_product")
    return ok("Nothing was refused for a product.")


def _of_the_portal(facts: Facts, row: str, says: str, words: str) -> Outcome:
    """Nothing was made, and the app of peakops is another one: where it works, it makes the label."""
    may = parcel.makeable(facts)
    return found(row, says, cause="of_the_portal", instead=instead(words) if may else {}, curable=may)


def account(facts: Facts) -> Outcome:
    if not standing.of_ups(facts):
        return skip(OTHER)
    number = facts["practice"]["account"] if facts["practice"] else None
    if not number and not standing.labelled(facts):
        says, words = "The practice has no UPS account number in the portal.", instead("account_none")
        return found("ups_account", says, cause="none", instead=words, curable=False)
    met = standing.met(facts, "account", "shipper")
    if met:
        return found("ups_account", f"Account {number}: {met[1].message}", curable=False)
    if code := standing.refused(facts, "account", "shipper"):
        cause = "shipper" if standing.kind(code) == "shipper" else None
        return found("ups_account", f"Account {number}. {standing.told(code)}", cause=cause, curable=False)
    return ok(f"Account {number}; nothing was refused for it." if number else "No account is needed any more.")


def service_up(facts: Facts) -> Outcome:
    if not standing.of_ups(facts):
        return skip(OTHER)
    if met := standing.met(facts, "down"):
        return found(
            "ups_down",
            f"UPS says so itself: {met[1].message}",
            cause="now",
            instead=instead("down_now"),
            curable=False,
        )
    code = standing.refused(facts, "down")
    if code and facts.known("probe"):
        says = f"{standing.told(code)} UPS answers again."
        return found("ups_down", says, cause="over", **parcel.made_again(facts))
    if code:
        says = f"{standing.told(code)} UPS has not answered peakops now either."
        return found("ups_down", says, instead=instead("down_now"), curable=False)
    return (
        ok("UPS answers.")
        if facts.known("probe")
        else skip("UPS did not answer; that alone is no sign that it is down.")
    )


def limit(facts: Facts) -> Outcome:
    if not standing.of_ups(facts):
        return skip(OTHER)
    if met := standing.met(facts, "rate"):
        now, wait = facts.at("shipment"), met[1].retry_after_s
        # Minutes are shown: the next whole one, since it is not over before.
        until = f" Until about {day(now + timedelta(seconds=wait + 59))}, in {lasting(wait)}." if now and wait else ""
        words = instead("limit_now")
        return found("ups_rate_limited", f"{met[1].message}{until}", cause="now", instead=words, curable=False)
    if code := standing.refused(facts, "rate"):
        says = f"{standing.told(code)} UPS answers again."
        return found("ups_rate_limited", says, cause="over", **parcel.made_again(facts))
    return ok("Nothing was refused for a limit.")
