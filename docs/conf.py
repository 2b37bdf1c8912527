"""The site: `nox -s site` builds it with Sphinx from these pages, which read as they are without it too."""

import re
from typing import Any

from peakops import __version__

project = "peakops"
release = __version__
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["settings.head.md"]
html_theme = "furo"
html_title = f"peakops {release}"
html_copy_source = False
myst_heading_anchors = 4
nitpicky = True

PART = re.compile(r"^## (.+)$", re.MULTILINE)
LINK = re.compile(r"\]\(([\w/-]+)\.md\)")


def contents(_: Any, name: str, source: list[str]) -> None:
    """Give the front page its tree: the pages that it links to, under the headings that it has for them."""
    if name != "index":
        return
    _, *parts = PART.split(source[0])
    for heading, text in zip(parts[::2], parts[1::2], strict=True):
        pages = "\n".join(dict.fromkeys(LINK.findall(text)))
        source[0] += f"\n```{{toctree}}\n:hidden:\n:caption: {heading}\n\n{pages}\n```\n"


def setup(app: Any) -> None:
    """Sphinx calls this."""
    app.connect("source-read", contents)
