"""Every setting: its default, what it takes, and what it refuses in one clear sentence."""

from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from palais.config import ROOT, Settings
from palais.errors import ConfigError


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "data"


def read(home: Path, **variables: str) -> Settings:
    return Settings.from_env({"PALAIS_DATA_DIR": str(home), **variables})


def test_with_nothing_set_palais_brings_its_own_and_stays_at_home(home: Path) -> None:
    settings = read(home)

    assert (settings.database_url, settings.gateway_url, settings.gateway_token) == (None,) * 3
    assert settings.demo
    assert (settings.bind_host, settings.bind_port) == ("127.0.0.1", 3300)
    assert (settings.workers, settings.heartbeat_seconds) == (1, 30.0)
    assert settings.retention_days == 90.0
    assert settings.log_level == "INFO"
    assert settings.log_format == "text"
    assert settings.data_dir == home


def test_data_live_beside_the_program_where_no_folder_is_named() -> None:
    assert Settings().data_dir == ROOT / "instance"


NAMES = [
    *("DATABASE_URL", "OPENCLAW_WS_URL", "OPENCLAW_GATEWAY_TOKEN", "SECRET_KEY", "PALAIS_BIND"),
    *("PALAIS_ADMIN_PASSWORD", "PALAIS_API_KEY", "PALAIS_ALLOWED_HOSTS", "PALAIS_TRUSTED_PROXIES"),
    *("WEB_CONCURRENCY", "PALAIS_HEARTBEAT_SECONDS", "PALAIS_RETENTION_DAYS", "PALAIS_LOG_LEVEL"),
    "PALAIS_LOCALE",
    "PALAIS_LOG_FORMAT",
]


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_variable_is_one_that_is_not_set(home: Path, name: str) -> None:
    assert read(home, **{name: ""}) == read(home)


@pytest.mark.parametrize(
    ("name", "value", "field", "meaning"),
    [
        ("DATABASE_URL", "postgresql://u:p@h/d", "database_url", "postgresql+psycopg2://u:p@h/d"),
        ("DATABASE_URL", "postgres://h/d", "database_url", "postgresql+psycopg2://h/d"),
        (
            *("DATABASE_URL", "postgresql+psycopg2:///d?host=/run"),
            *("database_url", "postgresql+psycopg2:///d?host=/run"),
        ),
        ("OPENCLAW_WS_URL", "ws://127.0.0.1:18789", "gateway_url", "ws://127.0.0.1:18789"),
        ("OPENCLAW_WS_URL", "wss://gw.example/path", "gateway_url", "wss://gw.example/path"),
        ("OPENCLAW_WS_URL", "ws://[::1]:1", "gateway_url", "ws://[::1]:1"),
        ("OPENCLAW_GATEWAY_TOKEN", " sesame\n", "gateway_token", "sesame"),
        ("SECRET_KEY", "of my own", "secret_key", "of my own"),
        ("PALAIS_ADMIN_PASSWORD", "sesame\n", "admin_password", "sesame"),
        ("PALAIS_API_KEY", "sesame", "api_key", "sesame"),
        (
            "PALAIS_ALLOWED_HOSTS",
            "Palais.Example, .b.example,",
            "allowed_hosts",
            ("palais.example", ".b.example"),
        ),
        (
            "PALAIS_ALLOWED_HOSTS",
            "a.example., .b.example., [2001:DB8::1], 2001:db8:0::2",
            "allowed_hosts",
            ("a.example", ".b.example", "2001:db8::1", "2001:db8::2"),
        ),
        (
            "PALAIS_TRUSTED_PROXIES",
            "10.0.0.0/8, ::1",
            "trusted_proxies",
            (ip_network("10.0.0.0/8"), ip_network("::1")),
        ),
        ("PALAIS_BIND", "0.0.0.0:3300", "open_to_network", True),
        ("PALAIS_BIND", "[::]:3300", "open_to_network", True),
        ("PALAIS_BIND", "palais.example:3300", "open_to_network", True),
        ("PALAIS_BIND", "localhost:3300", "open_to_network", False),
        ("PALAIS_BIND", "127.0.0.1:8080", "bind_port", 8080),
        ("PALAIS_BIND", "127.1.2.3:8080", "bind_host", "127.1.2.3"),
        ("PALAIS_BIND", "localhost:80", "bind_host", "localhost"),
        ("PALAIS_BIND", "[::1]:65535", "bind_host", "::1"),
        ("PALAIS_BIND", ":8080", "bind_host", "127.0.0.1"),
        ("WEB_CONCURRENCY", "64", "workers", 64),
        ("PALAIS_HEARTBEAT_SECONDS", "1.5", "heartbeat_seconds", 1.5),
        ("PALAIS_RETENTION_DAYS", "1", "retention_days", 1.0),
        ("PALAIS_RETENTION_DAYS", "36500", "retention_days", 36_500.0),
        ("PALAIS_LOG_LEVEL", "DEBUG", "log_level", "DEBUG"),
        ("PALAIS_LOCALE", "en", "locale", "en"),
        ("PALAIS_LOG_FORMAT", "json", "log_format", "json"),
    ],
)
def test_a_good_value_means_what_it_says(
    home: Path, name: str, value: str, field: str, meaning: Any
) -> None:
    assert getattr(read(home, **{name: value}), field) == meaning


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("DATABASE_URL", "mysql://u:hush@h/d", "postgresql://user:password@host/database"),
        ("DATABASE_URL", "postgresql://", "postgresql://user:password@host/database"),
        ("DATABASE_URL", "palais", "postgresql://user:password@host/database"),
        ("DATABASE_URL", "postgresql://u:hush@h:abc/d", "postgresql://user:password@host/database"),
        ("DATABASE_URL", "postgresql://u:hush@h:1,i:2/d", "?host=one:5432&host=other:5432"),
        ("DATABASE_URL", "postgresql://u:hush@[::1/d", "postgresql://user:password@host/database"),
        ("OPENCLAW_WS_URL", "http://127.0.0.1:18789", "ws://127.0.0.1:18789"),
        ("OPENCLAW_WS_URL", "127.0.0.1:18789", "ws://127.0.0.1:18789"),
        ("OPENCLAW_WS_URL", "ws://", "ws://127.0.0.1:18789"),
        ("OPENCLAW_WS_URL", "ws://h:99999", "ws://127.0.0.1:18789"),
        ("OPENCLAW_WS_URL", "ws://h:0", "ws://127.0.0.1:18789"),
        ("OPENCLAW_WS_URL", "ws://[::1", "ws://127.0.0.1:18789"),
        ("OPENCLAW_WS_URL", "ws://me:hush@h:1", "OPENCLAW_GATEWAY_TOKEN"),
        ("OPENCLAW_WS_URL", "ws://h:1/?token=hush", "OPENCLAW_GATEWAY_TOKEN"),
        ("PALAIS_BIND", "nonsense", "127.0.0.1:3300"),
        ("PALAIS_BIND", "127.0.0.1", "127.0.0.1:3300"),
        ("PALAIS_BIND", "127.0.0.1:0", "127.0.0.1:3300"),
        ("PALAIS_BIND", "127.0.0.1:65536", "127.0.0.1:3300"),
        ("PALAIS_BIND", "127.0.0.1:-1", "127.0.0.1:3300"),
        ("PALAIS_ALLOWED_HOSTS", "palais.example, *", "DNS rebinding"),
        ("PALAIS_ALLOWED_HOSTS", "https://palais.example", "without scheme and port"),
        ("PALAIS_ALLOWED_HOSTS", "palais.example:443", "without scheme and port"),
        ("PALAIS_ALLOWED_HOSTS", "a b", "without scheme and port"),
        ("PALAIS_TRUSTED_PROXIES", "proxy.example", "e.g. 10.0.0.0/8"),
        ("PALAIS_TRUSTED_PROXIES", "10.0.0.1/8", "host bits"),
        ("PALAIS_TRUSTED_PROXIES", "10.0.0.0/33", "e.g. 10.0.0.0/8"),
        ("WEB_CONCURRENCY", "0", "a whole number from 1 to 64"),
        ("WEB_CONCURRENCY", "-1", "a whole number from 1 to 64"),
        ("WEB_CONCURRENCY", "65", "a whole number from 1 to 64"),
        ("WEB_CONCURRENCY", "1.5", "a whole number from 1 to 64"),
        ("WEB_CONCURRENCY", "many", "a whole number from 1 to 64"),
        ("PALAIS_HEARTBEAT_SECONDS", "0", "a number from 1 to 60"),
        ("PALAIS_HEARTBEAT_SECONDS", "61", "a number from 1 to 60"),
        ("PALAIS_HEARTBEAT_SECONDS", "nan", "a number from 1 to 60"),
        ("PALAIS_HEARTBEAT_SECONDS", "inf", "a number from 1 to 60"),
        ("PALAIS_RETENTION_DAYS", "0", "a number from 1 to 36500"),
        ("PALAIS_RETENTION_DAYS", "-90", "a number from 1 to 36500"),
        ("PALAIS_RETENTION_DAYS", "36501", "a number from 1 to 36500"),
        ("PALAIS_RETENTION_DAYS", "for ever", "a number from 1 to 36500"),
        ("PALAIS_RETENTION_DAYS", "nan", "a number from 1 to 36500"),
        ("PALAIS_LOG_LEVEL", "loud", "DEBUG, INFO, WARNING, ERROR"),
        ("PALAIS_LOCALE", "de", "must be one of: fr, en"),
        ("PALAIS_LOG_FORMAT", "xml", "text, json"),
    ],
)
def test_a_bad_value_is_one_sentence_that_names_it_and_says_what_to_write(
    home: Path, name: str, value: str, remedy: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        read(home, **{name: value})

    sentence = str(refused.value)
    assert sentence.startswith(name)
    assert remedy in sentence
    assert "hush" not in sentence
    assert "\n" not in sentence


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    with pytest.raises(ConfigError, match=f"^PALAIS_DATA_DIR={file}/data cannot be created"):
        read(file / "data")


def test_a_folder_of_ours_is_for_its_owner_alone(home: Path) -> None:
    read(home)

    assert home.stat().st_mode & 0o777 == 0o700


SECRETS = {
    "DATABASE_URL": ("database_url", "postgresql+psycopg2://u:hush@h/d"),
    "OPENCLAW_GATEWAY_TOKEN": ("gateway_token", "hush"),
    "SECRET_KEY": ("secret_key", "hush"),
    "PALAIS_ADMIN_PASSWORD": ("admin_password", "hush"),
    "PALAIS_API_KEY": ("api_key", "hush"),
}


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_can_come_from_a_file(home: Path, tmp_path: Path, name: str) -> None:
    field, value = SECRETS[name]
    file = tmp_path / "secret"
    file.write_text(f"{value}\n")

    assert getattr(read(home, **{f"{name}_FILE": str(file)}), field) == value


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_given_twice_is_refused(home: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=f"^Both {name} and {name}_FILE are set"):
        read(home, **{name: SECRETS[name][1], f"{name}_FILE": "/dev/null"})


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_secret_file_that_cannot_be_read_is_named(
    home: Path, tmp_path: Path, name: str, content: bytes | None
) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(ConfigError, match=f"^{name}_FILE={file} cannot be read"):
        read(home, **{f"{name}_FILE": str(file)})


def test_an_empty_secret_file_is_no_secret(home: Path) -> None:
    settings = read(home, OPENCLAW_GATEWAY_TOKEN_FILE="/dev/null")

    assert settings.gateway_token is None


def test_no_secret_is_ever_shown(home: Path) -> None:
    settings = read(home, **{name: value for name, (_, value) in SECRETS.items()})

    assert "hush" not in repr(settings)
    assert "hush" not in str(settings)


def test_a_key_nobody_chose_is_made_once_and_kept(home: Path) -> None:
    first, second = read(home).secret_key, read(home).secret_key

    assert first == second
    assert len(first) >= 48
    assert (home / "secret_key").stat().st_mode & 0o777 == 0o600


def test_two_installations_have_different_keys(tmp_path: Path) -> None:
    assert read(tmp_path / "one").secret_key != read(tmp_path / "two").secret_key


def test_a_key_of_one_s_own_is_not_written_down(home: Path) -> None:
    read(home, SECRET_KEY="of my own")

    assert not (home / "secret_key").exists()
