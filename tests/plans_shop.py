"""A small portal with row-level security, for the tests of plans: roles of its own, and a policy as they are found."""

import os
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

PEOPLE, ASKER, NOBODY = (f"{name}_{os.getpid()}" for name in ("shop_people", "shop_asker", "shop_nobody"))
"""The portal's people, the role of peakops, and one that may read nothing: roles are the whole server's."""
PERSON = "aaaaaaaa-0000-4000-8000-000000000007"
ROWS, PRACTICES = 20_000, 100
TABLES = f"""
    create table public.members (user_id uuid primary key, practice_id int not null);
    create table public.cases (
      id int primary key, practice_id int not null, status text not null, amount int not null,
      created_at timestamptz not null, patient_name text
    );
    insert into public.members values ('{PERSON}', 7);
    insert into public.cases
      select n, n % {PRACTICES}, case when n % 10 = 0 then 'failed' else 'synced' end, n % 977,
             timestamptz '2026-01-01' + n * interval '1 minute', 'Canary Patient ' || n
        from generate_series(1, {ROWS}) as n;
    create index cases_status on public.cases (status);

    create function public.my_practice() returns int language plpgsql security definer volatile as $$
      begin
        return (select practice_id from public.members
                 where user_id = nullif(current_setting('request.jwt.claim.sub', true), '')::uuid);
      end $$;
    alter table public.cases enable row level security;
    create policy own on public.cases for select to {PEOPLE} using (practice_id = public.my_practice());

    grant select (id, practice_id, status, amount, created_at) on public.cases to {PEOPLE}, {ASKER};
    grant usage on schema public to {PEOPLE}, {ASKER}, {NOBODY};
    analyze public.cases, public.members;
"""
WRAPPED = f"""
    drop policy own on public.cases;
    alter function public.my_practice() stable;
    create policy own on public.cases for select to {PEOPLE} using (practice_id = (select public.my_practice()));
"""
"""The remedy: the same policy, whose function is called once."""


@dataclass(frozen=True)
class Shop:
    """The portal of the tests."""

    owner: str
    """The URL of the server's superuser."""
    asker: str
    """The URL of the role that peakops has there."""

    def run(self, text: str):
        """Run statements as the owner."""
        with psycopg.connect(self.owner, autocommit=True) as connection:
            connection.execute(text)


@contextmanager
def roles(server):
    """The roles, made on a server and gone afterwards."""
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"create role {PEOPLE} nologin; create role {NOBODY} nologin")
        admin.execute(f"create role {ASKER} login password 'x' bypassrls in role {PEOPLE}, {NOBODY}, pg_read_all_stats")
        try:
            yield
        finally:
            for each in (ASKER, PEOPLE, NOBODY):
                admin.execute(sql.SQL("drop role {}").format(sql.Identifier(each)))


@contextmanager
def kept_shop(contrib):
    """The portal on a server that keeps statistics of statements, with hypopg where it has that."""
    more = tuple(each for each in ("hypopg",) if each in contrib.available)
    with contrib.database(extensions=more) as url, shop(contrib.url, url) as made:
        made.run(f"grant usage on schema extensions to {ASKER}")
        yield made


def _as_asker(url):
    """The URL as the role of peakops has it; settings take no other form."""
    given = conninfo_to_dict(url)
    place = {key: given[key] for key in ("host", "port") if key in given}
    return f"postgresql://{ASKER}:x@/{given['dbname']}?{urlencode(place)}"


@contextmanager
def shop(server, url):
    """The portal in the database of this URL, on a server of this URL."""
    with roles(server):
        made = Shop(owner=url, asker=_as_asker(url))
        made.run(TABLES)
        try:
            yield made
        finally:
            made.run(f"drop owned by {ASKER}, {PEOPLE}, {NOBODY}")
