"""What the probe of a page shows: whether it answers, how long it takes, and what takes the time. Pure."""

from collections.abc import Callable

from peakops.model import Row, spelt
from peakops.scenario import Facts, Missing, Outcome, found, ok, skip
from peakops.scenarios.perf import page_answers
from peakops.scenarios.perf import page_figures as figures
from peakops.scenarios.perf.page_words import ms, named, several, silence, size, split, took

LARGE_BUNDLE_BYTES = 600_000
"""Compressed: it alone takes the playbook's 3 s over a slow mobile line (1.6 Mbit/s, as Lighthouse plays it)."""
LARGE_PAGE_BYTES = 1_000_000
"""The document before compression: more than a list that is paged comes to."""
WORTH_COMPRESSING_BYTES = 100_000
MANY_REDIRECTS = ("loop", "too_many", "nowhere")


def measured(facts: Facts) -> list[Row]:
    """The pages that answered, and that the figures are about. Raises Missing where nobody could probe."""
    return [each for each in facts["probes"] if figures.good(each) and not _is_another(each)]


def _is_another(page: Row) -> bool:
    """Whether the figures would be those of something else than the page: a log-in, nothing, or a lucky visit."""
    return bool(page_answers.is_log_in(page) or figures.is_empty(page) or figures.mostly(page))


def _slow(facts: Facts, part: str) -> list[Row]:
    """The slow pages whose time goes to this part more than to any other."""
    return [each for each in measured(facts) if figures.is_slow(each) and figures.leading(each) == part]


def answers(facts: Facts) -> Outcome:
    pages = facts["probes"]
    if outcome := _first(page_answers.ERRORS, pages):
        return outcome
    ways = ((each, each["ended"] or figures.mostly(each)) for each in pages)
    silent = [each for each, how in ways if how and how not in MANY_REDIRECTS and not _gave_up(each)]
    if silent:
        raise Missing(" ".join(map(silence, silent)))
    return _first(page_answers.REFUSALS_OF_PAGES, pages) or ok(
        ", ".join(f"{named(each)}: HTTP {each['status']}" for each in pages if each["status"]) or "See below."
    )


def _first(judges: tuple[Callable[[list[Row]], Outcome | None], ...], pages: list[Row]) -> Outcome | None:
    """What the first of them finds that finds something."""
    return next((outcome for judge in judges if (outcome := judge(pages))), None)


def _gave_up(page: Row) -> bool:
    """Whether it was waited for longer than a page may take, so that it is slow for sure."""
    late = page["ended"] == "timeout" and page["waited_ms"] > figures.PAGE_MS
    return bool(late or figures.mostly(page) == "timeout")


def redirects(facts: Facts) -> Outcome:
    pages = facts["probes"]
    lost = [each for each in pages if each["ended"] in MANY_REDIRECTS]
    if lost:
        page, count = lost[0], len(lost[0]["redirects"])
        ends = {
            "loop": "comes back to where it was",
            "too_many": "goes on, and no further is followed",
            "nowhere": "leads to what is no address of HTTP, or holds a password",
        }
        says = f"{page['url']} is sent on {count} time{'s' * (count > 1)}, and {ends[page['ended']]}."
        return found("redirect_loop", several(lost, says), cause=None if page["ended"] == "loop" else page["ended"])
    slow = _slow(facts, "redirects")
    if slow:
        says = f"{took(slow[0])}: {split(slow[0], 'redirects')}, {len(slow[0]['redirects'])} of them."
        return found("slow_redirects", several(slow, says))
    sent_on = [f"{each['url']} is sent on to {each['measured']}" for each in pages if each["redirects"]]
    return ok("; ".join(sent_on) + "." if sent_on else "Nothing is sent on.")


def database(facts: Facts) -> Outcome:
    return _led(facts, "database", "slow_database") or _share(facts, "database")


def _led(facts: Facts, part: str, code: str) -> Outcome | None:
    """The finding where a part leads, and there is no more to tell of it."""
    slow = _slow(facts, part)
    return found(code, several(slow, f"{took(slow[0])}: {split(slow[0], part)}.")) if slow else None


def external(facts: Facts) -> Outcome:
    slow = _slow(facts, "external")
    if slow:
        asked = figures.services(figures.typical(slow[0]) or {})
        longest, told = next(iter(asked), None), ", ".join(f"{spelt(name)} {ms(took)}" for name, took in asked.items())
        says = f"{took(slow[0])}: {split(slow[0], 'external')} ({told})."
        return found("slow_external_api", several(slow, says), cause=longest)
    return _share(facts, "external")


def _share(facts: Facts, part: str) -> Outcome:
    """What a part takes of each page that tells it, where it does not lead."""
    pages = measured(facts)
    telling = [each for each in pages if figures.tells_apart(each)]
    if not telling:
        return skip("No page was measured." if not pages else "The page sends no Server-Timing that tells.")
    return ok("; ".join(f"{named(each)}: {ms(figures.share(each, part)[0])}" for each in telling) + ".")


def server(facts: Facts) -> Outcome:
    silent = [each for each in facts["probes"] if _gave_up(each)]
    if silent:
        return found("slow_server", several(silent, silence(silent[0])), cause="gave_up")
    slow = _slow(facts, "server")
    if slow:
        page = slow[0]
        told = figures.tells_apart(page)
        apart = "" if told else ". It sends no Server-Timing: the database and other APIs are in it"
        says = f"{took(page)}: {split(page, 'server')}{apart}."
        return found("slow_server", several(slow, says), cause=None if told else "not_told_apart")
    return _plain(facts, "server")


def _plain(facts: Facts, part: str) -> Outcome:
    pages = measured(facts)
    if not pages:
        return skip("No page was measured.")
    return ok("; ".join(f"{named(each)}: {ms(figures.share(each, part)[0])}" for each in pages) + ".")


def network(facts: Facts) -> Outcome:
    return _led(facts, "network", "slow_network") or _plain(facts, "network")


def download(facts: Facts) -> Outcome:
    slow = _slow(facts, "download")
    if slow:
        page = slow[0]
        cause = "large_data" if _is_large(page) else "not_compressed" if _is_uncompressed(page) else None
        says = f"{took(page)}: {split(page, 'download')}, {size(page['bytes'])}."
        return found("slow_download", several(slow, says), cause=cause)
    return _plain(facts, "download")


def _is_large(page: Row) -> bool:
    return bool(page["cut"] or (page["plain_bytes"] or 0) >= LARGE_PAGE_BYTES)


def _is_uncompressed(page: Row) -> bool:
    return not page["encoding"] and page["bytes"] > WORTH_COMPRESSING_BYTES


def data_size(facts: Facts) -> Outcome:
    large = [each for each in measured(facts) if _is_large(each)]
    if large:
        page = large[0]
        more = "more than " if page["cut"] else ""
        says = f"The document of {named(page)} has {more}{size(page['plain_bytes'] or page['bytes'])}"
        return found("large_data", several(large, f"{says}, {size(page['bytes'])} as it travels."))
    return _each(facts, lambda page: size(page["plain_bytes"] if page["plain_bytes"] is not None else page["bytes"]))


def bundle(facts: Facts) -> Outcome:
    slow = _slow(facts, "bundle")
    large = [each for each in measured(facts) if each["bundle"] and each["bundle"]["bytes"] >= LARGE_BUNDLE_BYTES]
    if slow:
        says = f"{took(slow[0])}: {split(slow[0], 'bundle')}. {_weighs(slow[0])}."
        return found("large_bundle", several(slow, says), row="large_bundle_slow")
    if large:
        return found("large_bundle", several(large, f"{_weighs(large[0])}."))
    return _each(facts, lambda page: _came(page["bundle"]) if page["bundle"] else "no HTML that can be read")


def _came(bundle: Row) -> str:
    whole = bundle["fetched"] >= bundle["files"]
    return size(bundle["bytes"]) + ("" if whole else f" in {bundle['fetched']} of {bundle['files']} files")


def _weighs(page: Row) -> str:
    """What the bundle is made of."""
    bundle = page["bundle"]
    largest, count = bundle["largest"][:1], bundle["fetched"]
    some = f"{count} of {bundle['files']}" if count < bundle["files"] else f"{count}"
    files = f"{some} file{'s' * (bundle['files'] != 1)}"
    most = f", the largest {largest[0]['path']} with {size(largest[0]['bytes'])}" if largest else ""
    raw = f"; {bundle['uncompressed']} not compressed" if bundle["uncompressed"] else ""
    return f"{named(page)} loads {size(bundle['bytes'])} in {files} of scripts and styles{most}{raw}"


def _each(facts: Facts, tell: Callable[[Row], str]) -> Outcome:
    pages = measured(facts)
    return (
        ok("; ".join(f"{named(each)}: {tell(each)}" for each in pages) + ".") if pages else skip("None was measured.")
    )


def cold_start(facts: Facts) -> Outcome:
    cold = [each for each in measured(facts) if figures.starts_cold(each) and not figures.is_slow(each)]
    if not cold:
        return _each(facts, lambda page: f"{ms(figures.good(page)[0]['wait_ms'])} the first time")
    page = cold[0]
    first, usual = figures.good(page, "first")[0], figures.typical(page) or {}
    says = f"{named(page)} let the first visit wait for {ms(first['wait_ms'])}, later ones for {ms(usual['wait_ms'])}."
    cached = first["cache"] != usual["cache"]
    return found("cold_start", several(cold, says), cause="not_cached" if cached else None)
