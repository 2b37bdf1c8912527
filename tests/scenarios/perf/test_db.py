"""Judgement on the database's own figures: literal facts in, codes out; every row at its threshold."""

import pytest

from peakops.investigate import diagnose
from peakops.model import Evidence, Fault
from peakops.scenarios.perf import db, indexes, policies, sessions, statements, tables
from peakops.scenarios.perf.expressions import calls, once
from peakops.verdict import rule

SERVER = {
    "version": "17.6",
    "role": "peakops_perf",
    "sees_all": True,
    "keeps_statements": True,
    "statements_schema": "extensions",
    "statements_usable": True,
    "tracks": "top",
    "statements_new": True,
    "standby": False,
    "dated": True,
    "counted_s": 30 * 86_400,
    "blocks_hit": 995_000,
    "blocks_read": 5_000,
    "temp_bytes": 0,
    "most_connections": 63,
    "reserved_connections": 3,
    "work_mem": "4MB",
    "oldest_database": "postgres",
    "oldest_age": 150_000_000,
}
STATEMENT = {
    "id": "q1",
    "role": "authenticated",
    "calls": 500,
    "rows": 500,
    "total_ms": 5_000,
    "mean_ms": 10.0,
    "max_ms": 50,
    "share": 0.1,
    "temp_blocks": 0,
    "of_role": 20,
    "usual_calls": 400,
    "counted_s": 86_400,
    "dropped": 0,
    "text": "SELECT * FROM public.cases WHERE id = $1",
}
TABLE = {
    "table": "public.cases",
    "quoted": "public.cases",
    "rows": 50_000,
    "live": 50_000,
    "dead": 0,
    "seq_scans": 0,
    "seq_rows": 10**9,
    "index_scans": 9_000,
    "changed": 0,
    "analyzed_s": 3_600,
    "vacuumed_s": 3_600,
    "known_to_planner": True,
    "in_vacuum": False,
}
HELPER = {"name": "public.my_practice", "constant": False, "reads": True, "returns": "integer"}
UID = {"name": "auth.uid", "constant": False, "reads": False, "returns": "uuid"}
POLICY = {
    "table": "public.cases",
    "quoted": "public.cases",
    "rows": 50_000,
    "policy": "own",
    "quoted_policy": "own",
    "permissive": True,
    "letter": "r",
    "roles": ["authenticated"],
    "quoted_roles": ["authenticated"],
    "uses": "(practice_id = ( SELECT public.my_practice() AS my_practice))",
    "checks": None,
    "functions": [HELPER],
}
INDEX = {
    "name": "public.cases_note_idx",
    "table": "public.cases",
    "valid": True,
    "constrains": False,
    "twin": None,
    "scans": 3,
    "pages": 200,
    "bytes": 1_638_400,
    "covers_key": False,
    "is_twin": False,
    "definition": "CREATE INDEX cases_note_idx ON public.cases USING btree (note)",
}
KEY = {
    "name": "cases_submitted_by_fkey",
    "table": "public.cases",
    "quoted": "public.cases",
    "quoted_schema": "public",
    "taken": [],
    "columns": ["submitted_by"],
    "references": "public.users",
    "rows": 10_000,
}
SEQUENCE = {
    "name": "public.tickets_id_seq",
    "place": "public",
    "table": "public.tickets",
    "column": "id",
    "type": "integer",
    "last_value": 2_040_109_465,
    "ends": 2_147_483_647,
    "readable": True,
}
SESSION = {
    "pid": 1,
    "role": "authenticated",
    "application": "PostgREST",
    "kind": "client backend",
    "state": "active",
    "lock": "relation",
    "prepared": None,
    "word": "SELECT",
    "blocked_by": [],
    "transaction_s": 5,
    "statement_s": 5,
    "state_s": 5,
}
PREPARED = {
    **dict.fromkeys(SESSION),
    **{"pid": 0, "role": "app", "blocked_by": [], "transaction_s": 60, "prepared": "'it''s'"},
}
ROLE = {
    "role": "authenticator",
    "most": None,
    "sessions": 10,
    "statement_timeout": None,
    "timeout_s": None,
}


def evidence(faults=(), **said):
    """Everything is in order but what is said."""
    rows = {"server": [SERVER], "roles": [ROLE], **{name: [] for name in db.LOOKS[1:] if name != "roles"}, **said}
    error = Fault(code="database.unreachable", category="upstream", message="The portal's database did not answer.")
    return tuple(
        Evidence(name=name, source=db.SOURCE, error=error)
        if name in faults
        else Evidence(name=name, source=db.SOURCE, rows=tuple(rows[name]), single=name == "server")
        for name in db.LOOKS
    )


def outcomes(faults=(), **said):
    return {each.name: each for each in diagnose(db.SCENARIO, evidence(faults, **said))}


def verdict(faults=(), **said):
    found = evidence(faults, **said)
    return rule(db.SCENARIO, diagnose(db.SCENARIO, found), found).ruling


def codes(**said):
    return {each.code for each in outcomes(**said).values() if each.code and each.code != "database_quick"}


FOUND = [
    ("sessions_blocked", {"sessions": [SESSION, {**SESSION, "pid": 2, "blocked_by": [1], "statement_s": 10}]}),
    ("idle_in_transaction", {"sessions": [{**SESSION, "state": "idle in transaction", "state_s": 60}]}),
    ("statement_running_long", {"sessions": [{**SESSION, "statement_s": 60}]}),
    ("transaction_prepared", {"sessions": [PREPARED]}),
    ("sessions_blocked", {"sessions": [{**SESSION, "pid": 2, "blocked_by": [0], "statement_s": 10}]}),
    ("sessions_blocked", {"sessions": [{**SESSION, "pid": 2, "blocked_by": [77], "statement_s": 10}]}),
    ("connections_high", {"roles": [{**ROLE, "sessions": 48}]}),
    ("connections_spent", {"roles": [{**ROLE, "sessions": 57}]}),
    ("connections_high", {"roles": [{**ROLE, "sessions": 16, "most": 20}]}),
    ("policy_reads_per_row", {"policies": [{**POLICY, "uses": "(practice_id = public.my_practice())"}]}),
    ("policy_per_row", {"policies": [{**POLICY, "uses": "(auth.uid() = user_id)", "functions": [UID]}]}),
    ("policy_reads_per_row", {"policies": [{**POLICY, "uses": "public.my_practice(practice_id)"}]}),
    ("policies_pile_up", {"policies": [POLICY, {**POLICY, "policy": "all", "letter": "*", "roles": ["public"]}]}),
    ("statement_slow", {"statements": [{**STATEMENT, "mean_ms": 1_000.0, "calls": 2}]}),
    ("statement_heavy", {"statements": [{**STATEMENT, "mean_ms": 20.0, "calls": 100, "share": 0.2}]}),
    ("statement_heavy", {"statements": [{**STATEMENT, "max_ms": 3_000}]}),
    ("selects_unbounded", {"statements": [{**STATEMENT, "calls": 2, "rows": 2_002}]}),
    ("statement_repeated", {"statements": [{**STATEMENT, "calls": 4_000, "rows": 4_000}]}),
    ("temp_spill", {"statements": [{**STATEMENT, "calls": 1, "temp_blocks": 1_280}]}),
    (
        "near_time_limit",
        {
            "roles": [{**ROLE, "role": "authenticated", "statement_timeout": "8s", "timeout_s": 8.0}],
            "statements": [{**STATEMENT, "calls": 1, "max_ms": 6_400}],
        },
    ),
    ("table_scanned", {"tables": [{**TABLE, "rows": 10_000, "seq_scans": 100, "index_scans": 1_900}]}),
    ("key_without_index", {"foreign_keys": [KEY]}),
    ("never_analyzed", {"tables": [{**TABLE, "rows": 1_000, "analyzed_s": None, "known_to_planner": False}]}),
    ("rows_dead", {"tables": [{**TABLE, "dead": 10_000}]}),
    ("analyzed_long_ago", {"tables": [{**TABLE, "changed": 25_000}]}),
    ("index_invalid", {"indexes": [{**INDEX, "valid": False}]}),
    ("index_duplicate", {"indexes": [{**INDEX, "twin": "cases_note_id_idx"}]}),
    ("index_unused", {"indexes": [INDEX]}),
    ("cache_small", {"server": [{**SERVER, "blocks_hit": 980_000, "blocks_read": 20_000}]}),
    ("wraparound_ahead", {"server": [{**SERVER, "oldest_age": 1_000_000_000}]}),
    ("wraparound_near", {"server": [{**SERVER, "oldest_age": 1_647_483_648}]}),
    ("sequence_full", {"sequences": [SEQUENCE]}),
    ("sequence_filling", {"sequences": [{**SEQUENCE, "last_value": 1_610_612_736}]}),
]
"""By code: the facts that just make it."""
NOT_FOUND = {
    "a short wait": {"sessions": [SESSION, {**SESSION, "pid": 2, "blocked_by": [1], "statement_s": 9}]},
    "who waits is no long statement": {
        "sessions": [{**SESSION, "pid": 2, "blocked_by": [1], "statement_s": 9, "transaction_s": 90}]
    },
    "an index that is made 'concurrently' waits": {
        "sessions": [SESSION, {**SESSION, "pid": 2, "blocked_by": [1], "statement_s": 900, "lock": "virtualxid"}]
    },
    "a vacuum that runs for long": {"sessions": [{**SESSION, "statement_s": 900, "kind": "autovacuum worker"}]},
    "a worker of a statement": {"sessions": [{**SESSION, "statement_s": 900, "kind": "parallel worker"}]},
    "a job's role that uses its one connection": {"roles": [{**ROLE, "sessions": 4, "most": 4}]},
    "a policy that checks what is written": {
        "policies": [{**POLICY, "letter": "a", "uses": None, "checks": "(auth.uid() = user_id)", "functions": [UID]}]
    },
    "dead rows that a vacuum is clearing away": {"tables": [{**TABLE, "dead": 10_000, "in_vacuum": True}]},
    "many reads that stop early": {"tables": [{**TABLE, "seq_scans": 10**6, "seq_rows": 10**8, "index_scans": 0}]},
    "an index that makes another superfluous": {"indexes": [{**INDEX, "is_twin": True}]},
    "a replica's unused index": {"indexes": [INDEX], "server": [{**SERVER, "standby": True}]},
    "a short transaction": {"sessions": [{**SESSION, "state": "idle in transaction", "state_s": 59}]},
    "a call in a sub-select": {"policies": [POLICY]},
    "a function that never changes": {
        "policies": [
            {
                **POLICY,
                "uses": "(kind = public.kind())",
                "functions": [{**HELPER, "name": "public.kind", "constant": True}],
            }
        ]
    },
    "a function of the row that reads nothing": {
        "policies": [{**POLICY, "uses": "public.even(id)", "functions": [{**UID, "name": "public.even"}]}]
    },
    "PostgreSQL's own cheap functions": {"policies": [{**POLICY, "uses": "(now() > created_at)", "functions": []}]},
    "policies of two roles": {"policies": [POLICY, {**POLICY, "policy": "b", "roles": ["service_role"]}]},
    "policies of two commands": {"policies": [POLICY, {**POLICY, "policy": "b", "letter": "w"}]},
    "policies that insert": {"policies": [{**POLICY, "letter": "a"}, {**POLICY, "policy": "b", "letter": "a"}]},
    "a restrictive policy beside": {"policies": [POLICY, {**POLICY, "policy": "b", "permissive": False}]},
    "slow once": {"statements": [{**STATEMENT, "mean_ms": 9_000.0, "max_ms": 9_000, "calls": 1, "rows": 1}]},
    "quick, though all that there is": {"statements": [{**STATEMENT, "share": 1.0}]},
    "a thousand rows": {"statements": [{**STATEMENT, "calls": 2, "rows": 2_000}]},
    "many rows that are written": {"statements": [{**STATEMENT, "rows": 10**6, "text": "INSERT INTO logs SELECT $1"}]},
    "what PostgREST asks before each request": {
        "statements": [{**STATEMENT, "calls": 90_000, "rows": 90_000, "text": "select set_config('role', $1, true)"}]
    },
    "often, as all others": {"statements": [{**STATEMENT, "calls": 4_000, "rows": 4_000, "usual_calls": 401}]},
    "often, with nothing to compare": {"statements": [{**STATEMENT, "calls": 10**6, "rows": 10**6, "of_role": 3}]},
    "a small table that is read whole": {"tables": [{**TABLE, "rows": 9_999, "seq_scans": 10**6, "index_scans": 0}]},
    "a large one that a nightly copy reads": {"tables": [{**TABLE, "seq_scans": 99, "index_scans": 0}]},
    "the key of a small table": {"foreign_keys": [{**KEY, "rows": 9_999}]},
    "an index of something unique": {"indexes": [{**INDEX, "constrains": True}]},
    "an index of a foreign key": {"indexes": [{**INDEX, "covers_key": True}]},
    "a small index": {"indexes": [{**INDEX, "pages": 127}]},
    "an unused index, counted for 13 days": {
        "indexes": [INDEX],
        "server": [{**SERVER, "counted_s": 14 * 86_400 - 1}],
    },
    "a cold start": {"server": [{**SERVER, "blocks_hit": 100, "blocks_read": 9_999}]},
    "a sequence with room": {"sequences": [{**SEQUENCE, "last_value": 1_600_000_000}]},
}
"""What looks like a finding, and is none."""


@pytest.mark.parametrize(("code", "said"), FOUND)
def test_each_row_is_found(code, said):
    """Facts that just make a row make that row, and no other; and it is the verdict."""
    assert {code} == codes(**said)
    assert code == verdict(**said).code


@pytest.mark.parametrize("said", NOT_FOUND.values(), ids=NOT_FOUND)
def test_what_only_looks_like_it_is_not_found(said):
    """No false alarm: each of these is as it should be."""
    assert set() == codes(**said)
    assert "database_quick" == verdict(**said).code


def test_every_row_has_a_case_here():
    """No row of the playbook is without facts that make it, but the one that says all is well."""
    assert {*db.SCENARIO.guide.precedence()} == {code for code, _ in FOUND} | {"database_quick"}


def test_what_is_worst_is_the_verdict():
    """A critical finding outranks a warning that is asked about before it."""
    said = {"sequences": [SEQUENCE], "roles": [{**ROLE, "sessions": 48}]}

    assert {"connections_high", "sequence_full"} == codes(**said)
    assert "sequence_full" == verdict(**said).code


def test_a_role_that_sees_little_is_told_what_it_lacks():
    """Without pg_monitor what others do is passed over, not taken for nothing; the catalogue is judged all the same."""
    said = {"server": [{**SERVER, "sees_all": False}], "statements": [{**STATEMENT, "mean_ms": 9_000.0}]}
    skipped = {name: each.says for name, each in outcomes(**said).items() if each.verdict == "skipped"}

    assert {
        "locks",
        "transactions",
        "statements",
        "unbounded",
        "n_plus_one",
        "temp_files",
        "timeouts",
    } == skipped.keys()
    assert "The role peakops_perf does not see what others do: grant pg_monitor to peakops_perf." == skipped["locks"]
    assert ("unknown", False) == (verdict(**said).code, verdict(**said).complete)
    assert verdict(**said).says.endswith("grant pg_monitor to peakops_perf.")


HIDDEN = {**SEQUENCE, "last_value": None, "readable": False}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, ("database_quick", False)),
        ({"statements": [STATEMENT]}, ("database_quick", True)),
        ({"server": [{**SERVER, "keeps_statements": False, "statements_usable": None}]}, ("database_quick", False)),
        ({"server": [{**SERVER, "tracks": "none"}], "statements": [STATEMENT]}, ("database_quick", False)),
        ({"server": [{**SERVER, "statements_new": False}]}, ("database_quick", False)),
        ({"server": [{**SERVER, "standby": True}], "statements": [STATEMENT]}, ("database_quick", False)),
        ({"sequences": [HIDDEN], "statements": [STATEMENT]}, ("database_quick", False)),
        ({"server": [{**SERVER, "statements_usable": False}]}, ("unknown", False)),
    ],
)
def test_a_verdict_is_complete_only_where_all_that_matters_was_asked(said, expected):
    """What lacks an extension leaves it incomplete; what a right hides makes it unknown: 'could not check' is no 0."""
    assert expected == (verdict(**said).code, verdict(**said).complete)


def test_without_the_extension_the_database_as_a_whole_tells_of_temporary_files():
    """A gibibyte a day is a finding also where no single statement is known."""
    server = {**SERVER, "keeps_statements": False, "counted_s": 2 * 86_400}
    undated = {**server, "temp_bytes": 1 << 40, "dated": False}

    assert "skipped" == outcomes(server=[{**server, "temp_bytes": (1 << 31) - 1}])["temp_files"].verdict
    assert {"temp_spill"} == codes(server=[{**server, "temp_bytes": 1 << 31}])
    assert set() == codes(server=[undated])


def test_young_statistics_do_not_tell_what_is_unused():
    """Whether an index is unused is passed over for two weeks, and the age is said."""
    outcome = outcomes(server=[{**SERVER, "counted_s": 3 * 86_400}], indexes=[INDEX])["index_unused"]

    assert ("skipped", "The statistics are 3 days old; whether an index is unused shows after 14 days.") == (
        outcome.verdict,
        outcome.says,
    )


def test_a_sequence_that_may_not_be_read_is_no_sequence_in_order():
    """The grant is named; one that can be read and is full is found all the same."""
    hidden = {**SEQUENCE, "name": "public.other_seq", "last_value": None, "readable": False}

    assert "skipped" == outcomes(sequences=[hidden])["sequences"].verdict
    assert {"sequence_full"} == codes(sequences=[SEQUENCE, hidden])


def test_silence_is_no_ok():
    """Where a look stayed silent nothing is well; a finding is told all the same."""
    assert "unknown" == verdict(faults=("indexes",)).code
    assert "unknown" == verdict(faults=db.LOOKS).code
    assert (
        "table_scanned" == verdict(faults=("indexes",), tables=[{**TABLE, "seq_scans": 5_000, "index_scans": 0}]).code
    )


def test_who_waits_hangs_on_who_keeps_them_waiting():
    """A tree: each waiting session once, under the one that it waits for; the root is the one to end."""
    rows = [
        {**SESSION, "pid": 10, "state": "idle in transaction", "state_s": 20},
        {**SESSION, "pid": 11, "blocked_by": [10], "statement_s": 15},
        {**SESSION, "pid": 12, "blocked_by": [10, 11], "statement_s": 12},
        {**SESSION, "pid": 13, "blocked_by": [12], "statement_s": 11},
    ]
    (problem,) = sessions.blockers({"sessions": rows})

    assert [1, 2, 3] == [line.index("└") // 2 + 1 for line in problem.lines]
    assert "select pg_terminate_backend(10);" == problem.run
    assert problem.says.startswith("3 sessions wait for session 10 (authenticated, PostgREST, idle in transaction")
    assert problem.says.endswith("the longest for 15 s.")


def test_a_circle_of_waiting_sessions_ends():
    """Two that wait for each other have no root, and are PostgreSQL's to tear apart."""
    rows = [{**SESSION, "pid": 1, "blocked_by": [2]}, {**SESSION, "pid": 2, "blocked_by": [1]}]

    assert [] == sessions.blockers({"sessions": rows})


def test_a_policy_is_given_back_as_it_was():
    """The statement puts the call into a sub-select, and its undo has the expression as PostgreSQL told it."""
    row = {**POLICY, "letter": "w", "uses": "(practice_id = public.my_practice())", "checks": "(note IS NULL)"}
    (problem,) = policies.per_row({"policies": [row]})
    altered = (
        "begin; set local lock_timeout = '2s'; alter policy own on public.cases using ((practice_id = {})); commit;"
    )

    assert altered.format("(select public.my_practice())") == problem.run
    assert altered.format("public.my_practice()") == problem.undo


ONCE = [
    ("(p = ANY (public.f()))", "(p = ANY ((select public.f())::integer[]))"),
    ("(p <> ALL (public.f()))", "(p <> ALL ((select public.f())::integer[]))"),
    ("(a = public.f() AND b <> 'public.f()')", "(a = (select public.f()) AND b <> 'public.f()')"),
    ("(x.public.f() = public.f())", "(x.public.f() = (select public.f()))"),
    ("(public.f() OR (SELECT public.f() AS f))", "((select public.f()) OR (SELECT public.f() AS f))"),
]


@pytest.mark.parametrize(("expression", "expected"), ONCE)
def test_only_calls_are_put_into_a_sub_select(expression, expected):
    """An array stays one for ANY, whose sub-select would be of rows; texts and what is asked once stay as they are."""
    assert expected == once(expression, {"public.f()": "integer[]"})


def test_a_statement_that_would_be_masked_is_not_offered():
    """Run as it is printed, it would give the policy an address that nobody has: it is left out, and said so."""
    row = {**POLICY, "uses": "(public.my_practice() = 1 OR auth.email() = 'jane@smilecare.example'::text)"}
    (problem,) = policies.per_row({"policies": [row]})

    assert ("", "") == (problem.run, problem.undo)
    assert problem.lines[0].startswith("No statement is offered")


def test_a_call_that_needs_the_row_has_no_statement():
    """It cannot be put into a sub-select as it is: the words tell how to turn it round."""
    (problem,) = policies.per_row({"policies": [{**POLICY, "uses": "public.my_practice(practice_id)"}]})

    assert ("", "") == (problem.run, problem.undo)


CALLS = [
    ("(practice_id = public.mine())", [("public.mine", False)]),
    ("(practice_id = ( SELECT public.mine() AS mine))", []),
    ("((auth.jwt() ->> 'role'::text) = 'admin'::text)", [("auth.jwt", False)]),
    ("public.is_member(practice_id)", [("public.is_member", True)]),
    ("public.is_member(( SELECT auth.uid() AS uid), practice_id)", [("public.is_member", True)]),
    ("public.is_member(( SELECT auth.uid() AS uid))", [("public.is_member", False)]),
    ("(EXISTS ( SELECT 1 FROM users u WHERE ((u.id = auth.uid()) AND (u.n > (1)))))", []),
    ("((kind)::character varying(20) = 'it''s (f(x)'::text)", []),
    ("(lower(email) = 'x'::text)", [("lower", True)]),
    ("(user_id = ANY (ARRAY[auth.uid()]))", [("auth.uid", False)]),
    ("((auth.uid() = user_id) OR public.has('a'::public.role))", [("auth.uid", False), ("public.has", False)]),
    ('(public."Odd name"(1) > 0)', [("public.Odd name", False)]),
    ("COALESCE(note, ''::text) = ''::text", []),
    ("( SELECT public.is_member(cases.practice_id) AS is_member)", [("public.is_member", True)]),
    ("true", []),
]


@pytest.mark.parametrize(("expression", "expected"), CALLS)
def test_calls_are_read_as_postgresql_writes_them(expression, expected):
    """Calls outside of sub-selects, each with whether it needs the row; casts, texts and words of SQL are none."""
    assert expected == [(each.name, each.of_row) for each in calls(expression)]


def test_the_statement_of_an_index_has_its_undo():
    """What is made can be dropped, what is dropped can be made again; neither locks the table."""
    (made,) = tables.uncovered({"foreign_keys": [KEY]})
    (dropped,) = indexes.duplicates({"indexes": [{**INDEX, "twin": "other"}]})

    assert "create index concurrently cases_submitted_by_idx on public.cases (submitted_by);" == made.run
    assert "drop index concurrently public.cases_submitted_by_idx;" == made.undo
    assert "drop index concurrently public.cases_note_idx;" == dropped.run
    assert "CREATE INDEX CONCURRENTLY cases_note_idx ON public.cases USING btree (note);" == dropped.undo


def test_a_name_is_quoted_where_it_must_be_and_is_never_too_long():
    """PostgreSQL cuts names at 63 bytes without a word; capitals need quotes."""
    assert '"Cases_by_idx"' == tables.index_name({**KEY, "table": "public.Cases", "columns": ["by"]})
    assert '"2020_by_idx"' == tables.index_name({**KEY, "table": "public.2020", "columns": ["by"]})
    assert len(tables.index_name({**KEY, "table": f"public.{'é' * 60}", "columns": ["by"]}).encode()) <= 63 + 2


def test_a_name_that_is_taken_is_not_proposed():
    """A partial or an invalid index may have it: the next number is taken, as PostgreSQL would."""
    taken = {**KEY, "taken": ["cases_submitted_by_idx", "cases_submitted_by_idx1"]}

    assert "cases_submitted_by_idx2" == tables.index_name(taken)


def test_what_a_reindex_left_behind_is_dropped():
    """Made anew it would only be a second index like the first."""
    rows = [{**INDEX, "valid": False, "name": name} for name in ("public.a_idx", 'public."B_idx_ccnew1"')]

    assert [
        "reindex index concurrently public.a_idx;",
        'drop index concurrently public."B_idx_ccnew1";',
    ] == [each.run for each in indexes.invalid({"indexes": rows})]


def test_a_prepared_transaction_that_others_wait_for_is_named():
    """It has no process: the statement names it, where it is the only one."""
    waits = {**SESSION, "pid": 2, "blocked_by": [0], "statement_s": 30}
    (one,) = sessions.blockers({"sessions": [PREPARED, waits]})
    (two,) = sessions.blockers({"sessions": [PREPARED, {**PREPARED, "prepared": "'b'"}, waits]})

    assert "1 session waits for a prepared transaction ('it''s'), the longest for 30 s." == one.says
    assert ("rollback prepared 'it''s';", "") == (one.run, two.run)


def test_who_holds_an_advisory_lock_and_does_nothing_is_ended():
    """A session outside of any transaction has no statement to cancel."""
    idle = {**SESSION, "state": "idle", "transaction_s": None}
    (problem,) = sessions.blockers({"sessions": [idle, {**SESSION, "pid": 2, "blocked_by": [1], "statement_s": 10}]})

    assert "select pg_terminate_backend(1);" == problem.run


def test_a_server_without_a_free_connection_is_the_finding():
    """That peakops is refused proves it, though nothing could be asked."""
    error = Fault(code="database.too_many_connections", category="rate_limit", message="No free connection.")
    found = tuple(Evidence(name=name, source=db.SOURCE, error=error) for name in db.LOOKS)
    judged = rule(db.SCENARIO, diagnose(db.SCENARIO, found), found)

    assert ("connections_spent", "critical") == (judged.ruling.code, judged.status)


def test_a_statement_leads_to_its_plan():
    """The command that looks closer names the statement by its id, and its text is there without its values."""
    (problem,) = statements.slow({"statements": [{**STATEMENT, "id": "q-5", "mean_ms": 2_000.0}]})

    assert ("peakops perf query q-5",) == problem.next
    assert ("SELECT * FROM public.cases WHERE id = $1",) == problem.lines
    assert problem.says.startswith("q-5 of authenticated takes 2,000 ms on average")
