"""A small shop of a database, in order or with a dozen faults, for the tests of `peakops perf`."""

import contextlib
import threading
import time
from collections.abc import Iterator

import psycopg
from psycopg import sql

ROWS = 20_000
APP = "peakops_planted_app"
"""The role of the portal in it: made with the database, and left for the next one, since roles are the server's."""

CLEAN = f"""
    create table people (id int primary key, practice_id int not null, name text);
    create table orders (
      id bigserial primary key, practice_id int not null, person_id int not null references people (id), note text);
    insert into people select n, n % 50, 'p' from generate_series(1, 500) as n;
    insert into orders (practice_id, person_id, note)
      select n % 50, n % 500 + 1, md5(n::text) from generate_series(1, {ROWS}) as n;
    create index orders_of_person on orders (person_id, id);
    create index orders_of_practice on orders (practice_id, id desc);
    create function my_practice() returns int language plpgsql stable security definer as
      $$ begin
        return (select p.practice_id from people as p where p.id = current_setting('app.person', true)::int);
      end $$;
    alter table orders enable row level security;
    create policy own on orders for select to {APP} using (practice_id = (select my_practice()));
    create policy own_changes on orders for update to {APP} using (practice_id = (select my_practice()));
    grant select on people, orders to {APP};
"""
FAULTS = {
    "policy_reads_per_row": """
        alter policy own on orders using (practice_id = my_practice())""",
    "policies_pile_up": f"""
        create policy guests on orders for select to {APP} using (note is null)""",
    "key_without_index": f"""
        create table parcels (id int primary key, order_id bigint references orders (id), depth int);
        create index parcels_some on parcels (order_id) where depth > 1;
        insert into parcels select n, n, 1 from generate_series(1, {ROWS}) as n""",
    "table_scanned": f"""
        create table letters (id int primary key, about int);
        insert into letters select n, n from generate_series(1, {ROWS}) as n;
        do $$ declare found int; begin
          for n in 1..120 loop select count(*) from letters where about = n into found; end loop;
        end $$""",
    "index_duplicate": "create index orders_again on orders (practice_id)",
    "index_unused": """
        create index orders_note on orders (note, practice_id, person_id)""",
    "never_analyzed": """
        create table fresh (id int) with (autovacuum_enabled = false);
        insert into fresh select n from generate_series(1, 5000) as n""",
    "rows_dead": f"""
        create table changed (id int primary key, n int) with (autovacuum_enabled = false);
        insert into changed select n, 0 from generate_series(1, {ROWS}) as n;
        update changed set n = 1""",
    "sequence_full": """
        create table tickets (id serial primary key);
        select setval('tickets_id_seq', 2040109465)""",
}
"""By the code of the finding: what plants it."""
MORE = ("index_invalid", "sessions_blocked", "idle_in_transaction")
"""Faults that take more than a statement: `leave_invalid` and `waiting`."""


def plant(url: str, *codes: str) -> None:
    """Fill an empty database, and put these faults into it; its statistics have arrived when this returns."""
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(f"do $$ begin create role {APP}; exception when duplicate_object then null; end $$")
        owner.execute(CLEAN)
        for code in codes:
            owner.execute(FAULTS[code])
        # Else the session tells of its rows after they were analyzed, and all of them count as changed since.
        owner.execute("select pg_stat_force_next_flush()")
        tables = owner.execute("select relname from pg_stat_user_tables where relname <> 'fresh'").fetchall()
        for (name,) in tables:
            owner.execute(sql.SQL("analyze {}").format(sql.Identifier(name)))


def leave_invalid(url: str) -> None:
    """An index that could not be made: its columns are not unique."""
    with psycopg.connect(url, autocommit=True) as owner, contextlib.suppress(psycopg.errors.UniqueViolation):
        owner.execute("create unique index concurrently orders_once on orders (practice_id)")


@contextlib.contextmanager
def waiting(url: str) -> Iterator[int]:
    """Two sessions that wait, one behind the other, for one that sits in its transaction: its process's number."""
    with psycopg.connect(url) as holder:
        holder.execute("lock table people in access exclusive mode")
        threads = [threading.Thread(target=_wait, args=(url, mode)) for mode in ("share", "access exclusive")]
        try:
            for number, each in enumerate(threads, 1):
                each.start()
                _until_waiting(holder, number)
            yield holder.info.backend_pid
        finally:
            holder.rollback()
            for each in threads:
                each.join()


def _wait(url: str, mode: str) -> None:
    with psycopg.connect(url) as session:
        session.execute(f"lock table people in {mode} mode")


def _until_waiting(holder: psycopg.Connection, number: int) -> None:
    deadline = time.monotonic() + 10
    asked = "select count(*) from pg_locks where not granted and relation = 'people'::regclass"
    while holder.execute(asked).fetchone() != (number,):
        assert time.monotonic() < deadline, "nobody waits"
        time.sleep(0.01)
