"""The command line as a tree, whatever its depth."""

import typer.main

from peakops.cli.root import app


def every(group=None, before=()):
    """Each command and each group by its words, ("payment", "check"), with whether it is a group."""
    group = group or typer.main.get_command(app)
    for name in group.list_commands(None):
        each = group.get_command(None, name)
        is_group = hasattr(each, "list_commands")
        yield (*before, name), is_group
        if is_group:
            yield from every(each, (*before, name))
