"""
Runs a command line of peakops while somebody else changes the portal: `meanwhile.py WHEN URL SQL args...`.

WHEN is `before` the plan is applied, right before a text is `read` for a vendor, at the
`write` (the transaction that changes the portal), or `after` it all.
"""

import sys

import psycopg

from peakops import apply
from peakops.cli import main
from peakops.sources.writers import Writers

WHEN, URL, SQL, *ARGUMENTS = sys.argv[1:]
applied = apply.apply


def somebody():
    with psycopg.connect(URL, autocommit=True) as connection:
        connection.execute(SQL)


def busy(*args, **kwargs):
    if WHEN == "before":
        somebody()
    brought = applied(*args, **kwargs)
    if WHEN == "after":
        somebody()
    return brought


def at_the_write(writers, statements):
    if WHEN == "write" and any(name == "change/audit" for name, _ in statements):
        somebody()
    return committed(writers, statements)


def at_the_text(writers, name, **params):
    if WHEN == "read" and name == "notify/message":
        somebody()
    return rows(writers, name, **params)


committed, Writers.commit = Writers.commit, at_the_write
rows, Writers.rows = Writers.rows, at_the_text
apply.apply = busy
sys.exit(main(ARGUMENTS))
