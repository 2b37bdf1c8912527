"""
The tour: pages of the terminal as pictures, made by rich from real runs in the sandbox.

`python docs/tour_pages.py` runs each command and writes docs/tour/NAME.svg and docs/tour.md; a test runs them again,
and holds what they say against the pictures.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

DOCS = Path(__file__).resolve().parent
PEAKOPS = Path(sys.executable).with_name("peakops")
WIDTH = 110
"""Columns of a picture: what a terminal beside another window has."""
HEIGHT = 50
"""Lines that nobody counts: without a height rich takes the width from the terminal that it runs in."""
STOPS: tuple[tuple[str, str, str, str], ...] = (
    ("check", "clinic", "payment check INV-123", "One complaint: what every system says, the verdict, what comes next"),
    ("plan", "clinic", "payment mark-paid INV-123 --dry-run", "A change is a plan first; nothing is asked or changed"),
    ("twice", "paid_twice", "payment duplicates INV-123", "Two charges side by side, and which of them stays"),
    ("triage", "clinic", "triage INV-123 member3@larkspur.example", "Whatever the customer gave you, worst first"),
    ("why", "user/confirmation_bounced", "user check anna@smilecare.example --why", "How a verdict came about"),
    ("sweep", "clinic", "sweep --since 24h --section invitations --section labels", "What needs somebody, for cron"),
    ("oncall", "clinic", "oncall now", "Who is called, who stands in, and who comes next"),
    ("matrix", "clinic", "escalation show", "The matrix of the escalation, with who is there now"),
)
"""The stops: the picture's name, the world that it is of, the command, and what to see."""
VARYING = (
    (re.compile(r"\d+ ms"), "123 ms"),
    (re.compile(r"/\S+(?=/contacts\.toml)"), "…"),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:8080"),
)
"""What differs from run to run and says nothing."""


def said(command: str) -> str:
    """What the command tells a person in colour, with what varies in its place. The sandbox's world is loaded."""
    environment = {**os.environ, "FORCE_COLOR": "1", "PEAKOPS_SANDBOX": "1", "TERM": "xterm"}
    out = subprocess.run(
        [PEAKOPS, *command.split()], capture_output=True, text=True, env=environment, check=False
    ).stdout
    for pattern, instead in VARYING:
        out = pattern.sub(instead, out)
    return out


def picture(command: str, out: str) -> str:
    """The SVG of a page of the terminal."""
    console = Console(
        record=True, width=WIDTH, height=HEIGHT, file=StringIO(), force_terminal=True, color_system="standard"
    )
    console.print(Text.from_ansi(f"\x1b[1m$ peakops {command}\x1b[0m\n{out.rstrip()}"))
    # The font that rich names is at somebody else's address: a picture of ours asks nobody.
    return re.sub(
        r"@font-face \{.*?\}\s*|<!--.*?-->", "", console.export_svg(title="peakops", unique_id="peakops"), flags=re.S
    )


def words(svg: str) -> str:
    """All text of a picture."""
    return "".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg))


def pages() -> Iterator[tuple[str, str]]:
    """Every picture by its file, and the page that shows them."""
    loaded = ""
    shown = ["# A tour", "<!-- Made by docs/tour_pages.py from runs in the sandbox; a change is made there. -->"]
    shown.append("Each picture is a real run in the sandbox; `peakops sandbox load WORLD` gives you the same.")
    for name, world, command, says in STOPS:
        if world != loaded:
            subprocess.run([PEAKOPS, "sandbox", "load", world, "-q"], check=True, stdout=subprocess.DEVNULL)
            loaded = world
        yield f"tour/{name}.svg", picture(command, said(command)) + "\n"
        shown += [f"## {says}", f"World `{world}`: `peakops {command}`", f"![{says}](tour/{name}.svg)"]
    yield "tour.md", "\n\n".join(shown) + "\n"


if __name__ == "__main__":
    for path, text in pages():
        (DOCS / path).write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path} was written\n")
