"""What deploy/ ships: enough of the code, no secret, and the variables that there are."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from palais.config import ROOT, Settings

DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
COMPOSE = (DEPLOY / "compose.yaml").read_text()
UNIT = (DEPLOY / "palais.service").read_text()

# An app of nothing but what is in the image, asked for a page whose template it needs.
ASKED = """
import sys
from pathlib import Path
from palais import create_app
from palais.config import ROOT, Settings
assert ROOT == Path.cwd(), ROOT
app = create_app(Settings(sys.argv[1], secret_key="test", data_dir=Path(sys.argv[2])))
client = app.test_client()
print(client.get("/api/health").status_code, client.get("/nothing").status_code)
"""


def copied() -> list[str]:
    """Return what the Dockerfile takes from this folder, in its first stage."""
    lines = re.findall(r"^COPY (?!--)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    return [name for line in lines for name in line.split()]


def test_no_proxy_passes_on_what_a_caller_says_in_the_name_of_one() -> None:
    nginx, caddy = ((DEPLOY / name).read_text() for name in ("nginx.conf", "Caddyfile"))

    for name in ("For", "Proto", "Host", "Prefix"):
        assert f"proxy_set_header X-Forwarded-{name} " in nginx
    # Caddy sets the other three by itself, whatever comes.
    assert "header_up -X-Forwarded-Prefix" in caddy


def test_the_image_has_all_that_the_app_needs(tmp_path: Path, database_url: str) -> None:
    (tmp_path / "image").mkdir()
    for name in copied():
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, tmp_path / "image" / name, ignore=ignored)
        else:
            shutil.copy(source, tmp_path / "image" / name)

    ended = subprocess.run(
        [sys.executable, "-c", ASKED, database_url, str(tmp_path / "data")],
        cwd=tmp_path / "image",
        env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    health, nothing = ended.stdout.split()
    assert health == "200"
    assert nothing in {"401", "404"}
    assert {"wsgi.py", "gunicorn.conf.py", ".flaskenv", "requirements.lock"} <= set(copied())


def test_what_docker_is_given_is_what_the_dockerfile_takes() -> None:
    allowed = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)

    assert set(allowed) == set(copied())


@pytest.mark.parametrize("text", [DOCKERFILE, COMPOSE, UNIT], ids=["image", "compose", "unit"])
def test_every_variable_that_is_set_is_one_that_palais_reads(tmp_path: Path, text: str) -> None:
    read: set[str] = set()

    class Asked(dict[str, str]):
        def get(self, key: str, default: str = "") -> str:  # type: ignore[override]
            read.add(key)
            return super().get(key, default)

    Settings.from_env(Asked(PALAIS_DATA_DIR=str(tmp_path)))
    set_here = set(re.findall(r"\b((?:PALAIS|OPENCLAW)_[A-Z_]+|DATABASE_URL(?:_FILE)?)\b", text))

    assert set_here
    assert set_here - read == set()


def test_every_secret_that_a_unit_or_container_gets_is_a_file() -> None:
    for text in (UNIT, COMPOSE, DOCKERFILE):
        named = re.findall(r"(\w*(?:TOKEN|PASSWORD|SECRET_KEY|DATABASE_URL)\w*)\s*[=:]", text)
        assert [name for name in named if name.isupper() and not name.endswith("_FILE")] == []


def test_a_container_can_write_to_its_data_and_nowhere_else() -> None:
    assert COMPOSE.count("read_only: true") == 2
    assert COMPOSE.count("cap_drop: [ALL]") == 2
    assert COMPOSE.count("no-new-privileges:true") == 2
    assert re.search(r"^USER \d+:\d+$", DOCKERFILE, re.MULTILINE)


def test_systemd_finds_no_fault_with_the_unit(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd-analyze here")
    unit = tmp_path / "palais.service"
    unit.write_text(UNIT.replace("/opt/palais/.venv/bin/flask", sys.executable))

    verified = subprocess.run(
        [analyze, "verify", str(unit)], capture_output=True, text=True, timeout=60, check=False
    )
    safe = subprocess.run(
        [analyze, "security", "--offline=true", "--threshold=20", str(unit)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (verified.returncode, verified.stderr) == (0, "")
    assert safe.returncode == 0, safe.stdout
