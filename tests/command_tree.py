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


def options(words):
    """The options that a command takes, as they are typed; of a group whose bare name is a command, that one's too."""
    group = typer.main.get_command(app)
    for word in words:
        group = group.get_command(None, word)
    real = getattr(group, "real", group)
    commands = [real, *getattr(real, "commands", {}).values()]
    return {name for each in commands for option in getattr(each, "real", each).params for name in option.opts}
