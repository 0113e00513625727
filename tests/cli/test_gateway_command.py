"""``flask gateway check``, against nobody, against the demo and against all that goes wrong."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result

from palais import create_app
from palais.demo.gateway import DemoGateway
from palais.demo.roster import AGENTS
from palais.errors import GatewayError
from palais.gateway.transport import Fault, Transport
from tests.database import settings
from tests.runtime.peer import deaf

NOBODY = "postgresql+psycopg2://palais@127.0.0.1:9/palais"
Check = Callable[..., Result]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Give the command; it must not need the database."""

    def run(url: str | None, token: str | None = None) -> Result:
        app = create_app(settings(NOBODY, tmp_path, gateway_url=url, gateway_token=token))
        return app.test_cli_runner().invoke(args=["gateway", "check"])

    return run


@pytest.fixture
def guarded() -> Iterator[DemoGateway]:
    """Give a gateway that wants a token."""
    with DemoGateway(token="sesame", quiet=True) as gateway:
        yield gateway


def test_without_a_gateway_of_one_s_own_the_demo_is_fine(check: Check) -> None:
    told = check(None)

    assert told.exit_code == 0
    assert "OPENCLAW_WS_URL is not set" in told.stdout


def test_a_gateway_that_works_is_explained_step_by_step(check: Check, guarded: DemoGateway) -> None:
    told = check(guarded.url, "sesame")

    assert told.exit_code == 0, told.output
    lines = told.stdout.splitlines()
    assert {line[:5] for line in lines} == {"ok   "}
    assert [line[5:].partition(":")[0] for line in lines] == [
        *("Device key", "OPENCLAW_GATEWAY_TOKEN is set.", "WebSocket", "Handshake", "Features"),
        "Agents",
    ]
    assert set(AGENTS) == set(lines[-1].partition("Agents: ")[2].rstrip(".").split(", "))
    assert "sesame" not in told.output


@pytest.mark.parametrize("token", ["wrong", None])
def test_a_wrong_token_names_the_variable_to_set(
    check: Check, guarded: DemoGateway, token: str | None
) -> None:
    told = check(guarded.url, token)

    assert told.exit_code == 1
    last = told.stdout.splitlines()[-1]
    assert last.startswith("FAIL")
    assert "OPENCLAW_GATEWAY_TOKEN" in last


def test_a_gateway_that_is_not_there_is_a_failure_that_names_its_address(check: Check) -> None:
    with deaf() as address:
        told = check(address)

    assert told.exit_code == 1
    last = told.stdout.splitlines()[-1]
    assert last.startswith(f"FAIL The gateway at {address} does not answer")


def test_the_check_leaves_a_device_key_that_only_its_owner_can_read(
    check: Check, guarded: DemoGateway, tmp_path: Path
) -> None:
    check(guarded.url, "sesame")
    first = (tmp_path / "device_key").read_text()
    check(guarded.url, "sesame")

    assert (tmp_path / "device_key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "device_key").read_text() == first


@pytest.mark.parametrize("token", ["sesame", "wrong"])
def test_the_check_hangs_up_when_it_is_done(
    check: Check, guarded: DemoGateway, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    dialled: list[Transport] = []
    dial = Transport.dial

    def note(url: str, fault: Fault) -> Transport:
        dialled.append(dial(url, fault))
        return dialled[-1]

    monkeypatch.setattr(Transport, "dial", note)

    check(guarded.url, token)

    with pytest.raises(GatewayError):
        dialled[0].send("still there?")
