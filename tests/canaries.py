"""
Ears for secrets: the worlds are full of canaries, and whatever a test run says is searched for them.

Every secret column of a world holds a value with the word `canary` in it, and so does what the sandbox's vendors make
up (a link, a client_secret). What is heard is noted in a file of the worker's own folder; the end of its session fails
if there is anything in it (`state` in conftest.py).
"""

import contextlib
import itertools
import re
from pathlib import Path

from peakops.sandbox.vendors import MODULES

SECRET = re.compile(r"canary|(?:rk_test_|rk_live_|sb_secret_|sbp_|SG\.|re_)sandbox0|sandbox0(?:slack|page)0hook")
"""A secret of a world, or a key of the sandbox's own."""
THE_WORLD = {"document.json", "state.json", *(f"vendor-{name}.json" for name in MODULES)}
"""Files of the sandbox that are the world itself, and the one that holds its keys."""
NOTED = "heard.txt"


def heard_in(text):
    """The lines that hold a secret."""
    return [line for line in text.splitlines() if SECRET.search(line)]


def listen(home, who, text):
    """Note what holds a secret, and who said it."""
    if lines := heard_in(text):
        with (home / NOTED).open("a", encoding="utf-8") as file:
            file.writelines(f"{who}: {line}\n" for line in lines)


def listen_to_files(home, folder=None):
    """Note the secrets in all that lies in a folder: journals, logs, memories, caches; not in the world itself."""
    for path in sorted((folder or home).rglob("*")):
        if path.is_file() and path.name not in THE_WORLD | {NOTED}:
            with contextlib.suppress(OSError):
                listen(home, str(path), path.read_text(encoding="utf-8", errors="replace"))


def listen_to_run(home, args, out, err):
    """Note the secrets in what a command printed or saved, but for what it was asked for (`asked_for`)."""
    saved = [Path(path) for option, path in itertools.pairwise(args) if option in ("-o", "--output")]
    for folder in (Path(path) for option, path in itertools.pairwise(args) if option == "--to"):
        # A name that cannot be is refused by the command itself.
        with contextlib.suppress(OSError):
            listen_to_files(home, folder)
    told = [] if asked_for(args) else [out, *(path.read_text(encoding="utf-8") for path in saved if path.is_file())]
    listen(home, " ".join(map(str, args)), "\n".join([err, *told]))


def asked_for(args):
    """Whether a command is to tell a secret: the whole world, or the link of an invitation that is revealed."""
    return {"sandbox", "dump"} <= {*args} or {"invitation", "link", "--reveal"} <= {*args}


def heard(home):
    """All that was noted, each once."""
    noted = home / NOTED
    return list(dict.fromkeys(noted.read_text(encoding="utf-8").splitlines())) if noted.exists() else []
