"""The root of the command line: the options before the group, and the groups themselves."""

from typing import Annotated

import typer

from peakops import __version__
from peakops.cli import lazy, options
from peakops.cli.groups import COMMANDS, GROUPS

app = typer.Typer(
    name="peakops",
    cls=lazy.root(GROUPS, COMMANDS),
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="The operations playbook of the Peak Dental Studio Client Portal: look everywhere at once, say what is "
    "wrong with the evidence beside it, and name the next command.",
    epilog="Example: peakops --sandbox payment check INV-123",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"peakops {__version__}")
        raise typer.Exit


@app.callback()
def configure(
    ctx: typer.Context,
    env: options.Environment = None,
    sandbox: options.Sandbox = False,
    env_file: options.EnvFile = None,
    job: options.Job = None,
    color: options.Colour = "auto",
    version: Annotated[  # noqa: ARG001  (the callback has done it)
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Print the version.")
    ] = False,
) -> None:
    """Remember what stood before the group. Help needs none of what is imported here, which takes as long again."""
    from peakops.cli.invocation import Invocation, environment_of

    environment = environment_of(ctx, env, sandbox=sandbox)
    ctx.obj = Invocation(environment=environment, env_file=str(env_file or ""), colour=color, job=job or "")
