"""The admin API's deletion of a user: for good, with all that hangs on the account."""

from peakops.sandbox.vendors.supabase import people
from peakops.sandbox.vendors.supabase.asked import Asked
from peakops.sandbox.vendors.supabase.changes import audit, of_user
from peakops.sandbox.vendors.supabase.envelope import Refusal
from peakops.sandbox.wire import Answer


def delete_user(asked: Asked, identifier: str) -> Answer:
    """
    DELETE /admin/users/{id}: Auth notes the address in its log, and fails where a table of the portal's refers to it.

    The flow states and refresh tokens without a session, which have no foreign key, stay.
    """
    import psycopg

    user = people.by_id(asked, identifier)
    if asked.body.get("should_soft_delete"):
        raise Refusal(501, "unexpected_failure", "The sandbox's Auth does not delete softly.")
    audit(asked, "user_deleted", None, of_user(user))
    try:
        asked.connection.execute("delete from auth.users where id = %s", [user["id"]])
    except psycopg.errors.ForeignKeyViolation as error:
        raise Refusal(500, "unexpected_failure", "Database error deleting user") from error
    return Answer(body={})
