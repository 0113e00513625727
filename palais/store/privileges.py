"""As whom the database's programs run: Postgres refuses root; others may not reach the files."""

import os
import pwd
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from palais.errors import EmbeddedDatabaseError

_PROGRAM_SECONDS = 300

# Weakest first: reading and searching any folder is all a reachable program needs. The second
# one serves where the first is not granted (Docker's default) or the programs are mode 0700.
_CAPABILITIES = (None, "dac_read_search", "dac_override")

_TRY_OUT = 'cd "$2" && : < "$1/../share/postgres.bki" && "$1/initdb" -V && "$1/postgres" -V'


@dataclass(frozen=True, slots=True)
class Account:
    """The system user that programs run as; without ``uid``, the one we already are.

    ``capability`` names the one Linux capability the programs keep to reach files that only
    root reaches, so that no folder's permission bits have to change.
    """

    uid: int | None = None
    gid: int | None = None
    capability: str | None = None

    def run(self, argv: Sequence[str], *, log: int, stdin: bytes = b"") -> bool:
        """Run a program to its end and return whether it succeeded; it writes to the fd ``log``.

        Raise OSError if it cannot be started, EmbeddedDatabaseError if it takes over 300 s.
        """
        # setpriv changes the user by itself, and has to begin as root to do so.
        switch = self.uid is not None and self.capability is None
        try:
            ended = subprocess.run(  # noqa: S603 - programs of our own wheel, no shell text
                [*self._keeping_capability(), *argv],
                user=self.uid if switch else None,
                group=self.gid if switch else None,
                extra_groups=[] if switch else None,
                input=stdin,
                stdout=log,
                stderr=log,
                cwd="/",
                env=clean_environment(),
                start_new_session=True,
                timeout=_PROGRAM_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise EmbeddedDatabaseError(
                f"{Path(argv[0]).name} of the embedded Postgres hangs. Check that the disk of "
                "PALAIS_DATA_DIR works, or set DATABASE_URL to a Postgres of your own."
            ) from error
        return ended.returncode == 0

    def own(self, folder: Path) -> None:
        """Give a folder and all in it to this user, if it is not theirs; never follow links."""
        if self.uid is None or self.gid is None or folder.stat().st_uid == self.uid:
            return
        for place, _, files in os.walk(folder):
            for name in (".", *files):
                os.chown(Path(place) / name, self.uid, self.gid, follow_symlinks=False)

    def reaches(self, programs: Path, data_dir: Path) -> bool:
        """Tell, by doing it, whether this user can run the programs and enter the data's folder."""
        try:
            trial = ["/bin/sh", "-c", _TRY_OUT, "sh", str(programs), str(data_dir)]
            return self.run(trial, log=subprocess.DEVNULL)
        except FileNotFoundError:  # no setpriv here
            return False

    def _keeping_capability(self) -> list[str]:
        if self.capability is None:
            return []
        user = ["--reuid", str(self.uid), "--regid", str(self.gid), "--clear-groups"]
        kept = ["--inh-caps", f"-all,+{self.capability}", "--ambient-caps", f"+{self.capability}"]
        # Or else access(2), by which Postgres looks for its programs, disregards the capability.
        kept += ["--securebits", "+no_setuid_fixup"]
        return ["setpriv", *user, *kept, "--no-new-privs", "--"]


def account_for(pgdata: Path, programs: Path) -> Account:
    """Return who has to run the database whose data are, or will be, in the folder ``pgdata``.

    Whoever we are, unless that is root: then the owner of the data, else of the folder around
    them, else ``nobody``. Raise EmbeddedDatabaseError if that user has no way to reach them.
    """
    if os.geteuid() != 0:
        return Account()
    uid = _unprivileged_owner(pgdata)
    for capability in _CAPABILITIES if sys.platform == "linux" else (None,):
        account = Account(uid, _group_of(uid), capability)
        if account.reaches(programs, pgdata.parent):
            return account
    raise EmbeddedDatabaseError(
        f"Postgres refuses to run as root, and the user {uid} it would run as instead cannot "
        f"reach {pgdata.parent} or cannot run the programs in {programs}. "
        "Run Palais as a normal user, or set DATABASE_URL to a Postgres of your own."
    )


def open_owned(path: Path, flags: int) -> int:
    """Open a file beside the data, made with mode 0600, and return its close-on-exec fd.

    When root makes it, it goes to the owner of its folder, who may come without root next time.
    """
    # A link planted by that owner must not give them a file of root's.
    fd = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    if os.geteuid() == 0:
        folder = path.parent.stat()
        os.fchown(fd, folder.st_uid, folder.st_gid)
    return fd


def clean_environment() -> dict[str, str]:
    """Return the environment for the programs: no secret of ours, no PG* variable of the user's."""
    # LC_ALL: without it, macOS makes Postgres multi-threaded at start, which it refuses.
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}


def _unprivileged_owner(pgdata: Path) -> int:
    if pgdata.exists() and (owner := pgdata.stat().st_uid):
        return owner
    owner = pgdata.parent.stat().st_uid
    # initdb refuses a user without a name, as a folder mounted into a container may have.
    return owner if owner and _has_name(owner) else _nobody()


def _has_name(uid: int) -> bool:
    try:
        return bool(pwd.getpwuid(uid).pw_name)
    except KeyError:
        return False


def _nobody() -> int:
    try:
        return pwd.getpwnam("nobody").pw_uid
    except KeyError:
        raise EmbeddedDatabaseError(
            "Postgres refuses to run as root, and there is no user 'nobody' to run it instead. "
            "Run Palais as a normal user, or set DATABASE_URL to a Postgres of your own."
        ) from None


def _group_of(uid: int) -> int:
    try:
        return pwd.getpwuid(uid).pw_gid
    except KeyError:
        return uid
