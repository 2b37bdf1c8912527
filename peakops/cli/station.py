"""What this machine knows by itself, as a source of the doctor's: its settings, its sandbox, its version."""

import platform

from peakops import __version__
from peakops.cli import options
from peakops.cli.invocation import Invocation
from peakops.model import Brought
from peakops.playbook import operations
from peakops.settings import Told, state_home, strangers, told, told_of

MADE = "the sandbox"
"""Where the settings of the sandbox come from."""


class Station:
    """The looks at this machine; nobody is asked."""

    def __init__(self, invocation: Invocation) -> None:
        self._invocation = invocation

    def settings(self) -> Brought:
        """Each setting, whether it is there, its origin, and whether others can read that; no value."""
        names = ("setting", "variable", "present", "origin", "exposed")
        rows = [{name: getattr(each, name) for name in names} for each in every(self._invocation)]
        return Brought(rows=tuple(rows), asked="the settings")

    def variables(self) -> Brought:
        """The PEAKOPS_ variables that nothing reads, with the nearest that there is."""
        rows = [{"variable": variable, "nearest": nearest or None} for variable, nearest in unread()]
        return Brought(rows=tuple(rows), asked="the environment")

    def keys(self) -> Brought:
        """As whom evidence is sealed, whether that is whom seals are held against, and whether there are pseudonyms."""
        from peakops import bag

        settings = self._invocation.settings()
        private, public = settings.evidence_key, settings.evidence_public_key
        agree = bag.public_key(private) == bag.public_of(public) if private and public else None
        row = {"seals_as": bag.key_of(private) if private else None, "agree": agree}
        return Brought(
            rows=({**row, "pseudonyms": settings.pseudonym_key is not None},), single=True, asked="the settings"
        )

    def sandbox(self) -> Brought:
        """The world that is in the sandbox, and its clock (None is the real one); no row outside of it."""
        if not self._invocation.in_sandbox:
            return Brought(single=True, asked="the sandbox")
        from peakops import sandbox

        up = sandbox.ensure(state_home())
        return Brought(rows=({"world": up.world, "clock": up.now},), single=True, asked="the sandbox")

    def playbook(self) -> Brought:
        """When the operations playbook was last updated, by its footer, and whether that is too long ago."""
        age = operations.age(self._invocation.now())
        row = {"updated": age.updated, "months": age.months, "says": age.says, "old": age.is_old}
        return Brought(rows=(row,), single=True, asked="the operations playbook")

    def versions(self) -> Brought:
        """Of peakops, and of the Python that runs it."""
        row = {"peakops": __version__, "python": platform.python_version()}
        return Brought(rows=(row,), single=True, asked="this process")


def every(invocation: Invocation) -> tuple[Told, ...]:
    """Every setting of the environment, in whatever form it is. Raises NotConfigured where there is no such one."""
    if not invocation.in_sandbox:
        return told(invocation.environment)
    return told_of(invocation.settings(), invocation.write_keys(), MADE)


def unread() -> tuple[tuple[str, str], ...]:
    """The PEAKOPS_ variables that nothing reads, each with the nearest that there is."""
    return strangers(options.twins())
