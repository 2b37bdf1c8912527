"""What a statement calls whose effect no rollback takes back: a READ ONLY transaction does not hold it off."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import psycopg

from peakops.sources.plans_text import without_comments, without_literals

NAMES = (
    r"pg_(?:terminate|cancel)_backend|pg_(?:try_)?advisory_\w+|pg_sleep\w*|pg_read_\w+|pg_ls_\w+|pg_stat_file"
    r"|pg_reload_conf|pg_rotate_logfile\w*|pg_switch_wal|pg_create_\w+|pg_promote|pg_notify|pg_stat_\w*reset\w*"
    r"|pg_logical_\w+|pg_drop_\w+|pg_copy_\w+|pg_replication_\w+|pg_wal_replay_\w+|pg_(?:start_|stop_)?backup\w*"
    r"|pg_file_\w+|pg_log_\w+|pg_export_snapshot|pg_prewarm|pg_buffercache_\w+"
    r"|set_config|dblink\w*|lo_\w+|loread|lowrite|http\w*|cron\.\w+|net\.\w+|pgsodium\.\w+|vault\.\w+|hypopg\w*"
    # These carry a statement out that stands in a literal.
    r"|\w+_to_xml\w*|ts_stat|ts_rewrite|crosstab\w*|connectby|xpath_table"
)
ACTING = re.compile(rf"(?i)\b({NAMES})\s*\(")
"""Functions whose effect a READ ONLY transaction does not hold back, or that outlives it."""
IN_BODY = rf"\m({NAMES.replace('(?:', '(')})\s*\("
"""The same, as PostgreSQL writes it."""
CALLED = re.compile(r'((?:[^\W\d]\w*|"(?:[^"]|"")+"))\(')
EXPRESSIONS = re.compile(
    r"(?i)Output|Filter|Cond|Key|Function Call|Table Function|Cache Key|Order By|Values|Group|Sampling"
)
BODIES = """
    select n.nspname || '.' || p.proname as name
      from pg_catalog.pg_proc as p
      join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
      join pg_catalog.pg_language as l on l.oid = p.prolang
     where p.proname = any (%s)
       and n.nspname <> 'pg_catalog'
       and (p.prosrc ~* %s or not (l.lanpltrusted or l.lanname in ('c', 'internal')))
     order by 1
     limit 1
"""


def acting(text: str) -> str:
    """The first function that a text calls and that would act beyond its transaction; empty where none is."""
    match = ACTING.search(without_comments(text))
    return match[1] if match else ""


def effect(cursor: psycopg.Cursor[dict[str, Any]], plan: Mapping[str, Any]) -> str:
    """
    The same of a plan, whose expressions the server has written itself; also a function whose own text calls one.

    What such a function calls in its turn is not looked at.
    """
    said = " ".join(_expressions(plan))
    if name := acting(said):
        return name
    called = {each.strip('"').replace('""', '"') for each in CALLED.findall(without_literals(said))}
    row = cursor.execute(BODIES, [sorted(called), IN_BODY]).fetchone() if called else None
    return str(row["name"]) if row else ""


def _expressions(node: Any) -> Iterator[str]:
    """Every text of a plan that may hold a call."""
    for key, value in node.items():
        if key == "Plans":
            for each in value:
                yield from _expressions(each)
        elif EXPRESSIONS.search(key):
            yield from (str(each) for each in (value if isinstance(value, list) else [value]))
