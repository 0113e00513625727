"""Settings, read once from the environment; wrong values stop everything with a clear sentence."""

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from palais import addresses
from palais.addresses import Network
from palais.errors import ConfigError
from palais.log import FORMATS

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOCALES = ("fr", "en")
"""The languages of the pages; the first where neither the reader nor the operator says one."""

ROOT = Path(__file__).resolve().parent.parent
HOST_NAME: Final = re.compile(r"\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator decided. ``None`` for a URL means: use the built-in one.

    Durations are in the unit that their name ends with; paths are absolute. Secrets never appear
    in the repr.
    """

    database_url: str | None = field(default=None, repr=False)
    gateway_url: str | None = None
    gateway_token: str | None = field(default=None, repr=False)
    secret_key: str = field(default="", repr=False)
    admin_password: str | None = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)
    data_dir: Path = ROOT / "instance"
    bind_host: str = "127.0.0.1"
    bind_port: int = 3300
    allowed_hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[Network, ...] = ()
    workers: int = 1
    heartbeat_seconds: float = 30.0
    retention_days: float = 90.0
    log_level: str = "INFO"
    log_format: str = "text"
    locale: str | None = None
    image_url: str | None = None
    image_key: str | None = field(default=None, repr=False)
    image_model: str | None = None
    prices: Path | None = None

    @property
    def demo(self) -> bool:
        """Whether the built-in demo gateway stands in for a real one."""
        return self.gateway_url is None

    @property
    def open_to_network(self) -> bool:
        """Whether others than this machine can reach the listen address."""
        return not addresses.is_loopback(self.bind_host)

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read and check every variable; raise ConfigError naming the first that is wrong."""
        data_dir = _data_dir(environ)
        host, port = _bind(environ.get("PALAIS_BIND", ""))
        return cls(
            database_url=_database_url(_secret(environ, "DATABASE_URL")),
            gateway_url=_gateway_url(environ.get("OPENCLAW_WS_URL", "")),
            gateway_token=_secret(environ, "OPENCLAW_GATEWAY_TOKEN"),
            secret_key=_secret(environ, "SECRET_KEY")
            or kept_secret(data_dir / "secret_key", lambda: secrets.token_urlsafe(48)),
            admin_password=_secret(environ, "PALAIS_ADMIN_PASSWORD"),
            api_key=_secret(environ, "PALAIS_API_KEY"),
            data_dir=data_dir,
            bind_host=host,
            bind_port=port,
            allowed_hosts=_allowed_hosts(environ.get("PALAIS_ALLOWED_HOSTS", "")),
            trusted_proxies=_trusted_proxies(environ.get("PALAIS_TRUSTED_PROXIES", "")),
            workers=int(_number(environ, "WEB_CONCURRENCY", 1, 1, 64, whole=True)),
            heartbeat_seconds=_number(environ, "PALAIS_HEARTBEAT_SECONDS", 30, 1, 60),
            retention_days=_number(environ, "PALAIS_RETENTION_DAYS", 90, 1, 36_500),
            log_level=_one_of(environ, "PALAIS_LOG_LEVEL", "INFO", LOG_LEVELS),
            log_format=_one_of(environ, "PALAIS_LOG_FORMAT", "text", FORMATS),
            locale=_locale(environ.get("PALAIS_LOCALE", "")),
            image_url=_image_url(environ.get("PALAIS_IMAGE_API_URL", "")),
            image_key=_secret(environ, "PALAIS_IMAGE_API_KEY"),
            image_model=environ.get("PALAIS_IMAGE_MODEL", "") or None,
            prices=_path(environ.get("PALAIS_PRICES", "")),
        )


def kept_secret(path: Path, make: Callable[[], str]) -> str:
    """Return the secret in this file (0600), making it on the first call.

    Written beside and linked into place: two processes that start together agree on one, and
    neither ever reads half of it. Raises ConfigError where the file cannot be kept.
    """
    try:
        if not path.exists():
            _write_new(path, make())
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
        text = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be kept ({error}). Make its folder writable.") from None
    if not text:
        raise ConfigError(f"{path} is empty. Delete it, and Palais makes a new one.")
    return text


def _write_new(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _secret(environ: Mapping[str, str], name: str) -> str | None:
    value, file = environ.get(name, ""), environ.get(f"{name}_FILE", "")
    if value and file:
        raise ConfigError(f"Both {name} and {name}_FILE are set. Keep one of them.")
    if file:
        try:
            value = Path(file).read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{name}_FILE={file} cannot be read ({error}). Correct it.") from None
    return value.strip() or None


def _data_dir(environ: Mapping[str, str]) -> Path:
    path = _path(environ.get("PALAIS_DATA_DIR", "")) or ROOT / "instance"
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"PALAIS_DATA_DIR={path} cannot be created: {error.strerror}. Choose another folder."
        ) from None
    return path


def _path(text: str) -> Path | None:
    return Path(text).expanduser().absolute() if text else None


def _database_url(url: str | None) -> str | None:
    if url is None:
        return None
    scheme, _, rest = url.partition("://")
    address = f"postgresql+psycopg2://{rest}"
    try:
        known = scheme in {"postgresql", "postgres", "postgresql+psycopg2"} and bool(rest)
        make_url(address)
    except (ArgumentError, ValueError):
        known = False
    if not known:
        raise ConfigError(
            "DATABASE_URL must look like postgresql://user:password@host/database; several hosts "
            "like postgresql://user:password@/database?host=one:5432&host=other:5432. Write what "
            "is special in a password percent-encoded, @ as %40."
        )
    return address


def _gateway_url(url: str) -> str | None:
    if not url:
        return None
    try:
        parts = urlsplit(url)
        valid = parts.scheme in {"ws", "wss"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise ConfigError(
            f"OPENCLAW_WS_URL={url} is no WebSocket address. Write e.g. ws://127.0.0.1:18789."
        )
    if parts.username or parts.password or parts.query:
        raise ConfigError(
            "OPENCLAW_WS_URL must not carry a token. Put it into OPENCLAW_GATEWAY_TOKEN."
        )
    return url


def _image_url(url: str) -> str | None:
    if not url:
        return None
    try:
        parts = urlsplit(url)
        valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise ConfigError(
            "PALAIS_IMAGE_API_URL is no web address. Write e.g. https://api.openai.com/v1."
        )
    if parts.username or parts.password or parts.query:
        raise ConfigError(
            "PALAIS_IMAGE_API_URL must not carry a key. Put it into PALAIS_IMAGE_API_KEY."
        )
    return url.rstrip("/")


def _bind(text: str) -> tuple[str, int]:
    if not text:
        return "127.0.0.1", 3300
    host, _, port = text.rpartition(":")
    host = host.strip("[]") or "127.0.0.1"
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise ConfigError(f"PALAIS_BIND={text} is no host:port. Write e.g. 127.0.0.1:3300.")
    return host, int(port)


def _one_of(environ: Mapping[str, str], name: str, default: str, known: tuple[str, ...]) -> str:
    text = environ.get(name, "") or default
    if text not in known:
        raise ConfigError(f"{name}={text} must be one of: {', '.join(known)}.")
    return text


def _allowed_hosts(text: str) -> tuple[str, ...]:
    names = tuple(addresses.canonical(name) for name in addresses.items(text))
    for name in names:
        if name == "*":
            raise ConfigError(
                "PALAIS_ALLOWED_HOSTS=* would let any web page reach Palais by DNS rebinding. "
                "Name the hosts; .example.org stands for itself and all below it."
            )
        if not HOST_NAME.fullmatch(name) and addresses.address(name) is None:
            raise ConfigError(
                f"PALAIS_ALLOWED_HOSTS: {name} is no host name. Write e.g. palais.example.org, "
                "without scheme and port."
            )
    return names


def _locale(text: str) -> str | None:
    if text and text not in LOCALES:
        raise ConfigError(
            f"PALAIS_LOCALE={text} must be one of: {', '.join(LOCALES)}. "
            "Leave it empty to follow each reader's browser."
        )
    return text or None


def _trusted_proxies(text: str) -> tuple[Network, ...]:
    try:
        return addresses.networks(text)
    except ValueError as error:
        raise ConfigError(
            f"PALAIS_TRUSTED_PROXIES: {error}. Write addresses or networks, e.g. 10.0.0.0/8."
        ) from None


def _number(
    environ: Mapping[str, str],
    name: str,
    default: float,
    low: float,
    high: float,
    *,
    whole: bool = False,
) -> float:
    text = environ.get(name, "")
    try:
        value = float(text) if text else default
    except ValueError:
        value = float("nan")
    if not low <= value <= high or (whole and value != int(value)):
        kind = "a whole number" if whole else "a number"
        raise ConfigError(f"{name}={text} must be {kind} from {low:g} to {high:g}.")
    return value
