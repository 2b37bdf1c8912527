"""The clinic's pages and what Vercel knows of them: most are quick, and each cause of a slow one is somewhere."""

from peakops.sandbox.clinic_words import Row

FRAME: Row = {"path": "/_next/static/chunks/framework.js", "kb": 300}
STYLE: Row = {"path": "/_next/static/css/portal.css", "kb": 40}
EDITOR: Row = {"path": "/_next/static/chunks/invoice-editor.js", "kb": 2200}
"""A component that one page needs, and that is not split."""
ROLLED_OUT = "dpl_8hTqcases000000000000000000"
"""The deployment since which the list of cases is slow."""
USUAL = {"lcp_ms": 1900, "inp_ms": 120, "cls": 0.04, "fcp_ms": 1200, "ttfb_ms": 420}
"""The p75 of a page that is well, by metric."""
VISITED: dict[str, tuple[int, dict[str, float]]] = {
    "/": (2140, {}),
    "/cases": (1312, {"lcp_ms": 4700, "fcp_ms": 3200, "ttfb_ms": 2300}),
    "/cases/[id]": (871, {"lcp_ms": 2300}),
    "/invoices": (640, {"lcp_ms": 3600, "inp_ms": 310}),
    "/shipments": (402, {"lcp_ms": 3900, "ttfb_ms": 2100}),
    "/settings": (58, {}),
}
"""Each route with the number of its measurements, and what is not as usual."""


def portal() -> Row:
    """The pages: `/cases` waits for the database, `/shipments` for UPS, and `/invoices` loads much code."""
    return {
        "pages": [
            page("/", wait_ms=45, db_ms=30),
            page("/cases", wait_ms=60, db_ms=2100, html_kb=180),
            page("/invoices", wait_ms=70, db_ms=80, scripts=[FRAME, EDITOR]),
            page("/shipments", wait_ms=55, db_ms=60, external={"ups": 1950}),
            page("/settings", wait_ms=40, db_ms=20, html_kb=15),
        ]
    }


def page(path: str, **said: object) -> Row:
    """A page that is well, but for what is said of it."""
    return {"path": path, "html_kb": 40, "scripts": [FRAME], "styles": [STYLE], **said}


RULES = [
    {"id": "rule_api_burst", "name": "api-burst", "rate_limit": {"limit": 600, "window": 60}},
    {"id": "rule_wordpress", "name": "no-wordpress", "action": "deny"},
]
"""The firewall's own: so many requests of one address in a minute, and none for what the portal does not have."""


def vercel() -> Row:
    """What was deployed, and what visitors measured."""
    return {
        "firewall": {"ips": [], "rules": RULES},
        "deployments": [
            deployment(ROLLED_OUT, "-3h", "9d41c07be5a2f3168d0e47b2c95a1f60837e4d2b"),
            deployment("dpl_7rPbold0000000000000000000", "-6d", "1fa86e90b7c34d5212e88ac07f69d3b154c0a7e8"),
            deployment("dpl_6mKcold0000000000000000000", "-15d", "c52b7d0394ae6f81d7325be90a4c18f6e3d2b907"),
        ],
        "speed_insights": [
            {"route": route, "metric": metric, "p75": p75, "count": count}
            for route, (count, said) in VISITED.items()
            for metric, p75 in {**USUAL, **said}.items()
        ],
    }


def deployment(uid: str, created: str, sha: str) -> Row:
    """One of the branch that is live."""
    return {"uid": uid, "created": created, "meta": {"githubCommitSha": sha, "githubCommitRef": "main"}}
