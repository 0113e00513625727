"""What has to be made before anything is measured: the C programs, the Node packages."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from bench.errors import BenchError, MissingError

HERE: Final = Path(__file__).resolve().parent
LOAD: Final = ("load.c", "gateway.c", "viewers.c")
RAW: Final = ("raw.c",)


def compiler() -> str:
    """Return the C compiler; raise BenchError where there is none."""
    for name in (os.environ.get("CC"), "cc", "gcc", "clang"):
        if name and (found := shutil.which(name)):
            return found
    raise BenchError(
        "There is no C compiler, and the load client is written in C. "
        "Install one (Debian: apt-get install gcc libc6-dev), or name it in CC."
    )


def compile_c(sources: tuple[str, ...], program: Path) -> Path:
    """Compile these files of ``bench/c`` into a program and return its path."""
    command = [compiler(), "-O2", "-o", str(program), *(str(HERE / "c" / name) for name in sources)]
    made = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if made.returncode:
        raise BenchError(f"{' '.join(command)} failed:\n{made.stderr[-2000:]}")
    return program


def cache() -> Path:
    """Return the folder for what is fetched once: ``PALAIS_BENCH_CACHE``, else in ``~/.cache``."""
    named = os.environ.get("PALAIS_BENCH_CACHE")
    return Path(named).expanduser() if named else Path.home() / ".cache" / "palais-bench"


def node_program() -> str:
    """Return where node is; raise MissingError where it is not."""
    if found := shutil.which("node"):
        return found
    raise MissingError("node is not installed (Debian: apt-get install nodejs npm)")


def node_modules() -> Path:
    """Return the folder with the pinned packages of ``bench/node``, fetched once by npm."""
    lock = HERE / "node" / "package-lock.json"
    version = hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
    target = cache() / f"node-{version}"
    if not (target / "node_modules").is_dir():
        _npm_ci(lock.parent, target)
    return target / "node_modules"


def _npm_ci(source: Path, target: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise MissingError("npm is not installed (Debian: apt-get install npm)")
    partial = target.with_name(f"{target.name}.{os.getpid()}")
    partial.mkdir(parents=True)
    try:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(source / name, partial)
        fetched = subprocess.run(
            [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"],
            cwd=partial,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        if fetched.returncode:
            raise MissingError(f"npm could not fetch ws and pg: {fetched.stderr[-500:].strip()}")
        if not target.exists():
            partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
