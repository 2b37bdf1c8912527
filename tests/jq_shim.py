#!/usr/bin/env python3
"""jq for a machine that has none: its library does the work, and of its options there are those of the recipes."""

import argparse
import json
import sys
from pathlib import Path

import jq


def main() -> int:
    parser = argparse.ArgumentParser()
    for flag in ("-r", "-c", "-s", "-e"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("program")
    parser.add_argument("files", nargs="*")
    asked = parser.parse_args()
    text = "".join(Path(each).read_text("utf-8") for each in asked.files) or sys.stdin.read()
    compiled = jq.compile(asked.program)
    last = None
    for last in compiled.input_text(text, slurp=asked.s):
        plain = asked.r and isinstance(last, str)
        form = {"separators": (",", ":")} if asked.c else {"indent": 2}
        sys.stdout.write((last if plain else json.dumps(last, ensure_ascii=False, **form)) + "\n")
    return int(asked.e and last in (None, False))


if __name__ == "__main__":
    sys.exit(main())
