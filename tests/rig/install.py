"""Where node and openclaw are, and how to get them: `python tests/rig/install.py`.

Both come from npm into one folder (PALAIS_OPENCLAW_HOME, by default ~/.cache/palais-openclaw), at
pinned versions, about 860 MB. What is there already is left alone.
"""

import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

OPENCLAW_VERSION = "2026.9.6"
NODE_VERSION = "26.10.0"
_ARCHITECTURES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True)
class Install:
    """The folders of one installation, present or not."""

    home: Path

    @property
    def node_package(self) -> str:
        machine = platform.machine().lower()
        return f"node-{platform.system().lower()}-{_ARCHITECTURES.get(machine, machine)}"

    @property
    def node(self) -> Path:
        return self.home / "node" / "node_modules" / self.node_package / "bin" / "node"

    @property
    def openclaw(self) -> Path:
        return self._openclaw_folder / "node_modules" / "openclaw" / "openclaw.mjs"

    @property
    def complete(self) -> bool:
        return self.node.is_file() and self.openclaw.is_file()

    def ensure(self) -> None:
        """Fetch what is missing; node first, since openclaw refuses an older one."""
        if not self.node.is_file():
            self._npm(f"{self.node_package}@{NODE_VERSION}", self.home / "node")
        if not self.openclaw.is_file():
            self._npm(f"openclaw@{OPENCLAW_VERSION}", self._openclaw_folder)

    @property
    def _openclaw_folder(self) -> Path:
        return self.home / f"openclaw-{OPENCLAW_VERSION}"

    def _npm(self, package: str, target: Path) -> None:
        """Install into a folder beside the target and rename: half an install never counts."""
        npm = shutil.which("npm")
        if npm is None:
            raise SystemExit("npm is missing. Install it (Debian: apt-get install npm).")
        partial, cache = target.with_name(f"{target.name}.partial"), self.home / "npm-cache"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        (partial / "package.json").write_text('{"private": true}\n')
        print(f"npm: {package} into {target}", flush=True)
        subprocess.run(
            [npm, "install", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error",
             "--save-exact", f"--cache={cache}", f"--prefix={partial}", package],
            env={**os.environ, "PATH": f"{self.node.parent}{os.pathsep}{os.environ['PATH']}"},
            cwd=partial, stdin=subprocess.DEVNULL, check=True, timeout=1800,
        )  # fmt: skip
        shutil.rmtree(cache, ignore_errors=True)
        shutil.rmtree(target, ignore_errors=True)
        partial.rename(target)


def configured() -> Install:
    """Give the installation that the environment names."""
    named = os.environ.get("PALAIS_OPENCLAW_HOME")
    return Install(Path(named).expanduser() if named else Path.home() / ".cache/palais-openclaw")


def main() -> int:
    """Install, or say that nothing had to be done."""
    install = configured()
    if install.complete:
        print(f"openclaw {OPENCLAW_VERSION} in {install.home}: unchanged")
        return 0
    try:
        install.ensure()
    except (subprocess.SubprocessError, OSError) as error:
        print(f"openclaw could not be installed into {install.home}: {error}", file=sys.stderr)
        return 1
    print(f"openclaw {OPENCLAW_VERSION} in {install.home}: installed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
