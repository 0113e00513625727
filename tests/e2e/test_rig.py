"""The rig itself: what the other tests stand on."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.rig.gateway import RealGateway
from tests.rig.install import Install
from tests.rig.mock_plan import make_plan
from tests.rig.process import Guarded, RigError, free_port, wait_until

ENVIRONMENT = {"PATH": os.defpath}
MOCK = Path(__file__).parents[1] / "rig" / "mock_llm.py"
FAMILY = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"],
                         start_new_session=True)
print(child.pid, flush=True)
time.sleep(600)
"""


def is_alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def grandchild_in(log: Path) -> int:
    return int(wait_until(log.read_text, timeout=60, what="the pid of the grandchild"))


def test_killing_a_guarded_process_also_ends_what_moved_to_its_own_session(tmp_path: Path) -> None:
    log = tmp_path / "out"
    family = Guarded([sys.executable, "-c", FAMILY], env=ENVIRONMENT, cwd=tmp_path, log=log)
    grandchild = grandchild_in(log)
    assert is_alive(grandchild)
    assert family.kill() == 128 + signal.SIGKILL
    assert not is_alive(grandchild)


def test_nothing_outlives_a_test_run_that_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "out"
    script = (
        "import sys, time; from pathlib import Path; from tests.rig.process import Guarded\n"
        f"g = Guarded([sys.executable, '-c', {FAMILY!r}], env={ENVIRONMENT!r},"
        f" cwd=Path({str(tmp_path)!r}), log=Path({str(log)!r}))\n"
        "print(g.pid, flush=True); time.sleep(600)"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", script], cwd=MOCK.parents[2], stdout=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    with run, run.stdout:
        pids = [int(run.stdout.readline()), grandchild_in(log)]
        assert all(map(is_alive, pids))
        run.kill()
    wait_until(lambda: not any(map(is_alive, pids)), timeout=30, what="the end of the orphans")


def test_a_command_that_cannot_start_is_reported_with_its_log(tmp_path: Path) -> None:
    with pytest.raises(RigError, match="No such file"):
        Guarded(["/nonexistent"], env=ENVIRONMENT, cwd=tmp_path, log=tmp_path / "out")


def test_a_gateway_that_dies_while_starting_shows_its_log(tmp_path: Path) -> None:
    install = Install(tmp_path / "home")
    install.node.parent.mkdir(parents=True)
    install.node.write_text("#!/bin/sh\necho no such luck >&2\nexit 3\n")
    install.node.chmod(0o755)
    gateway = RealGateway(install.home, tmp_path / "state")
    with pytest.raises(RigError, match="no such luck"):
        gateway.start()
    assert not gateway.running


def test_the_mock_model_calls_tools_and_then_reports_their_results() -> None:
    ask = {"role": "user", "content": "please [[exec echo hi]]"}
    tools = [{"function": {"name": "exec"}}]
    first = make_plan({"messages": [ask], "tools": tools})
    call = {"role": "assistant", "tool_calls": [{}]}
    done = {"role": "tool", "content": "hi"}
    second = make_plan({"messages": [ask, call, done], "tools": tools})
    assert first.calls == [("exec", {"command": "echo hi"})]
    assert (second.calls, second.text) == ([], "Tool said: hi Done.")


def test_the_mock_model_keeps_account_of_what_it_billed(tmp_path: Path) -> None:
    port, ledger = free_port(), tmp_path / "ledger.jsonl"
    server = Guarded(
        [sys.executable, MOCK, "--port", str(port), "--log", ledger],
        env=ENVIRONMENT, cwd=tmp_path, log=tmp_path / "out",
    )  # fmt: skip
    wait_until(lambda: "mock model" in server.tail(), timeout=60, what="the mock model")
    body = {
        "messages": [{"role": "user", "content": "hello [[tokens 100 7]]"}],
        "tools": [{"function": {"name": "exec"}}],
    }
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/chat/completions", json.dumps(body).encode()
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        answer = json.load(response)
    server.stop()
    entry = json.loads(ledger.read_text())
    assert entry["usage"] == answer["usage"]
    assert entry["usage"]["total_tokens"] == 107


@pytest.mark.gateway
def test_the_gateway_runs_an_agent_and_the_model_bills_it(real_gateway: RealGateway) -> None:
    run_id = real_gateway.start_run("builder", "rig-one [[exec echo hi]]")
    assert real_gateway.wait_run(run_id)["status"] == "ok"
    assert [entry["calls"] for entry in real_gateway.billed("rig-one")] == [["exec"], []]


@pytest.mark.gateway
def test_a_held_run_is_active_until_it_is_released_or_aborted(real_gateway: RealGateway) -> None:
    with real_gateway.observer() as observer:
        held = real_gateway.start_run("writer", "rig [[hold rig]]", "agent:writer:rig")
        doomed = real_gateway.start_run("artist", "rig [[hold never]]", "agent:artist:rig")
        for run_id in (held, doomed):
            observer.model_of(run_id)
        assert {"writer", "artist"} <= real_gateway.active_agents()
        real_gateway.abort("agent:artist:rig", doomed)
        real_gateway.release("rig")
        assert observer.end_of(doomed).payload["data"]["aborted"] is True
        assert observer.end_of(held).payload["data"]["aborted"] is False
