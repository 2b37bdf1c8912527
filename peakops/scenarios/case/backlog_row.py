"""The rows of sql/case/backlog.sql: a case and one line of its log each. Pure."""

from peakops.scenario import Row

LOGGED = "logged_"
"""How the columns of the log's line begin."""
MOST_LOGGED = 50
"""As the check reads of them."""


def split(rows: list[Row]) -> tuple[Row, list[Row]]:
    """A case and its log, newest first, out of the rows of their join."""
    case: Row = {key: value for key, value in rows[0].items() if not key.startswith(LOGGED)}
    lines: list[Row] = [
        {key.removeprefix(LOGGED): value for key, value in row.items() if key.startswith(LOGGED)} for row in rows
    ]
    return case, [each for each in lines if each["id"] is not None][:MOST_LOGGED]
