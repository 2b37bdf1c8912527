"""The maintainers' chores. `nox` lints and tests; `nox -l` lists the others; CI runs the same sessions (.ci/run)."""

import os
import tempfile
from pathlib import Path

import nox

ROOT = Path(__file__).parent
CONSTRAINTS = ROOT / "constraints.txt"

nox.options.default_venv_backend = "venv"
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["lint", "tests"]


def _install(session: nox.Session, *packages: str) -> None:
    """Install what the session needs, unless it runs in a venv that has it already (`nox --no-venv`, as in CI)."""
    if session.virtualenv.is_sandboxed:
        session.install("-c", str(CONSTRAINTS), *packages)


@nox.session
def lint(session: nox.Session) -> None:
    """Rules, format and spelling."""
    _install(session, "ruff", "codespell")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("codespell")


@nox.session
def types(session: nox.Session) -> None:
    """Mypy, strict."""
    _install(session, ".[sandbox,test,dev]")
    session.run("mypy", *session.posargs)


@nox.session
def imports(session: nox.Session) -> None:
    """Which module may import which."""
    _install(session, ".[sandbox,dev]")
    session.run("lint-imports", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """All tests: `nox -s tests -- -k decline`."""
    _install(session, ".[test]")
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session
def contracts(session: nox.Session) -> None:
    """The sandbox and the clients against the vendors' specifications, in the folder that PEAKOPS_SPECS names."""
    if not os.environ.get("PEAKOPS_SPECS"):
        session.error("PEAKOPS_SPECS is not set: it names the folder of the vendors' specifications.")
    _install(session, ".[test]")
    session.run("python", "-m", "pytest", "tests/contracts", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Write the generated pages of docs/; with `-- --check`, fail if they are stale."""
    _install(session, ".[sandbox,test]")
    session.run("python", "docs/generate.py", *session.posargs)


@nox.session
def site(session: nox.Session) -> None:
    """The documentation as a site, in the folder that is named (`nox -s site -- site`); a warning is a failure."""
    _install(session, ".[dev]")
    with tempfile.TemporaryDirectory(prefix="peakops-site-") as folder:
        to = session.posargs[0] if session.posargs else f"{folder}/site"
        session.run("sphinx-build", "-q", "-W", "--keep-going", "-d", f"{folder}/trees", "docs", to)


@nox.session
def wheel(session: nox.Session) -> None:
    """Build the sdist, the wheel from it, and use what it installs from a folder that is not the checkout."""
    _install(session, "build")
    with tempfile.TemporaryDirectory(prefix="peakops-wheel-") as folder:
        # `build` makes the wheel from the sdist; the build backend is pinned as everything else.
        pinned = {"PIP_CONSTRAINT": str(CONSTRAINTS)}
        session.run("python", "-m", "build", "--outdir", folder, env=pinned, silent=True)
        session.run("python", "-m", "venv", f"{folder}/venv")
        python = f"{folder}/venv/bin/python"
        built = next(Path(folder).glob("*.whl"))
        wanted = ("-c", str(CONSTRAINTS), f"{built}[sandbox]")
        session.run(python, "-m", "pip", "install", "-q", *wanted, external=True, silent=True)
        with session.chdir(folder):
            session.run(python, "-I", str(ROOT / "tests" / "packaging" / "installed.py"), str(ROOT), external=True)


@nox.session
def bench(session: nox.Session) -> None:
    """The figures of docs/performance.md; not editable, since pip compiles only what it installs."""
    session.install("-c", str(CONSTRAINTS), ".[sandbox]")
    session.run("python", "tests/bench", *session.posargs)
