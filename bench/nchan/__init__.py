"""nginx with nchan, the broadcaster in C that people use: where Debian has it, it takes part."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from bench.build import cache
from bench.errors import MissingError

PACKAGES: Final = ("nginx", "libnginx-mod-nchan")
PROGRAM: Final = Path("usr/sbin/nginx")
MODULE: Final = Path("usr/lib/nginx/modules/ngx_nchan_module.so")
BUILT_IN: Final = b"/var/lib/nginx/body"
"""A folder of an installed nginx, which the module wants whatever the configuration says."""

RELATIVE: Final = b"bench-body-of-nginx"
"""As many bytes; beside the configuration."""


def programs() -> tuple[Path, Path]:
    """Return nginx and the module: of the system, else unpacked from Debian's packages.

    Nothing is installed and no root is needed. Raise MissingError where they cannot be had.
    """
    for root in (Path("/"), cache() / "nchan"):
        if (root / PROGRAM).exists() and (root / MODULE).exists():
            return root / PROGRAM, root / MODULE
    return _unpacked(cache() / "nchan")


def _unpacked(target: Path) -> tuple[Path, Path]:
    apt, dpkg = shutil.which("apt-get"), shutil.which("dpkg-deb")
    if apt is None or dpkg is None:
        raise MissingError("there is no Debian package of it here")
    partial = target.with_name(f"{target.name}.{os.getpid()}")
    partial.mkdir(parents=True)
    try:
        _run([apt, "download", *PACKAGES], partial)
        for package in partial.glob("*.deb"):
            _run([dpkg, "-x", str(package), str(partial)], partial)
        module = partial / MODULE
        module.write_bytes(module.read_bytes().replace(BUILT_IN, RELATIVE))
        _run([str(partial / PROGRAM), "-V"], partial)
        shutil.rmtree(target, ignore_errors=True)
        partial.rename(target)
    except (subprocess.SubprocessError, OSError) as error:
        raise MissingError(f"its Debian packages cannot be had ({error})") from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return target / PROGRAM, target / MODULE


def _run(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, capture_output=True, check=True, timeout=60)
