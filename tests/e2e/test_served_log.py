"""What a whole run writes to its log."""

import json
import os
import signal
from pathlib import Path

import pytest

from palais.demo.gateway import DemoGateway
from tests.e2e.cockpit import Cockpit
from tests.rig.process import wait_until

TOKEN = "jeton-du-journal"


def lines(cockpit: Cockpit) -> list[str]:
    return (cockpit.folder / "cockpit.out").read_text().splitlines()


@pytest.mark.parametrize("style", ["json", "text"])
def test_the_server_s_own_lines_are_of_the_same_form(tmp_path: Path, style: str) -> None:
    with DemoGateway(token=TOKEN, quiet=True) as gateway:
        cockpit = Cockpit(tmp_path, gateway.url, TOKEN)
        cockpit._environment["PALAIS_LOG_FORMAT"] = style
        with cockpit:
            holder = wait_until(
                lambda: (
                    cockpit.gateway()["state"] == "connected" and cockpit.health()["lease"]["pid"]
                ),
                timeout=30,
                what="a holder of the lease, who has told that it listens",
            )
            os.kill(holder, signal.SIGKILL)
            wait_until(
                lambda: any("SIGKILL" in line for line in lines(cockpit)),
                timeout=30,
                what="gunicorn's word of the worker",
            )
            wait_until(lambda: cockpit.healthy, timeout=30, what="a successor")
        gateway.drop_connections()

    [told] = [line for line in lines(cockpit) if "SIGKILL" in line]
    if style == "json":
        found = [json.loads(line) for line in lines(cockpit) if line.startswith("{")]
        assert {"gunicorn.error", "palais.gateway.listener"} <= {one["logger"] for one in found}
        assert json.loads(told)["level"] == "ERROR"
    else:
        assert " gunicorn.error: Worker (pid:" in told
