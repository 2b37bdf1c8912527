"""Command groups that are imported when they are used: `peakops --help` needs none of them."""

from collections.abc import Mapping
from functools import cached_property
from importlib import import_module
from typing import Any

import typer.main
from typer.core import TyperCommand, TyperGroup

# The contexts are Any: typer.Context is narrower than what the parent class declares.


class _Late:
    """What both stand-ins share: the real command, and that it is asked only when it is needed."""

    name: str | None
    module: str

    @cached_property
    def real(self) -> Any:
        real = typer.main.get_command(import_module(self.module).app)
        real.name = self.name
        return real

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """The real command's context, so that its own options and help are used."""
        return self.real.make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: Any) -> Any:
        """The real command runs."""
        return self.real.invoke(ctx)


class LazyCommand(_Late, TyperCommand):
    """Stands in for the one command that a module's `app` makes."""

    def __init__(self, name: str, module: str, help: str) -> None:
        super().__init__(name=name, help=help, short_help=help, rich_markup_mode=None)
        self.module = module


class LazyGroup(_Late, TyperGroup):
    """Stands in for the group that a module's `app` makes."""

    def __init__(self, name: str, module: str, help: str) -> None:
        super().__init__(name=name, help=help, short_help=help, no_args_is_help=True, rich_markup_mode=None)
        self.module = module

    def list_commands(self, ctx: Any) -> list[str]:
        """The real group's commands, for completion."""
        return list(self.real.list_commands(ctx))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The real group's command, for completion and the docs."""
        return self.real.get_command(ctx, cmd_name)


def group(
    help_text: str, commands: Mapping[str, tuple[str, str]], groups: Mapping[str, tuple[str, str]] | None = None
) -> typer.Typer:
    """The app of a group, with a stand-in for each of its groups and commands: name -> (module, help), in order."""
    app = typer.Typer(
        add_completion=False,
        cls=root(groups or {}, commands),
        no_args_is_help=True,
        rich_markup_mode=None,
        help=help_text,
    )
    # With a callback it is a group, whatever the number of its commands.
    app.callback()(lambda: None)
    return app


def root(groups: Mapping[str, tuple[str, str]], commands: Mapping[str, tuple[str, str]]) -> type[TyperGroup]:
    """The class of the root group: a stand-in for each entry of the tables name -> (module, help), in order."""

    class RootGroup(TyperGroup):
        def __init__(self, **attributes: Any) -> None:
            super().__init__(**attributes)
            for name, (module, help_text) in groups.items():
                self.add_command(LazyGroup(name, module, help_text))
            for name, (module, help_text) in commands.items():
                self.add_command(LazyCommand(name, module, help_text))

    return RootGroup


def led_by(first: str) -> type[TyperGroup]:
    """The class of a group whose bare name, with or without options and arguments, is its command `first`."""

    class LedGroup(TyperGroup):
        leads_to = first

        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            """What does not begin with a command, or ask for help, is for `first`."""
            named = args and (args[0] in self.commands or args[0] in ctx.help_option_names)
            return super().parse_args(ctx, args if named else [first, *args])

    return LedGroup
