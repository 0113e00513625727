"""The demo gateway inside a process that gevent has patched, as gunicorn's workers are."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PLAY = """
from gevent import monkey
monkey.patch_all()
import json, websocket
from palais.demo.gateway import DemoGateway

def ask(ws, ident, method, params):
    ws.send(json.dumps({"type": "req", "id": ident, "method": method, "params": params}))
    while (frame := json.loads(ws.recv())).get("id") != ident:
        pass
    return frame

CONNECT = {"minProtocol": 4, "maxProtocol": 4, "scopes": ["operator.read"],
           "client": {"id": "gateway-client", "mode": "backend", "platform": "linux"}}
with DemoGateway(speed=2000, quiet=True) as gateway:
    ws = websocket.create_connection(gateway.url, timeout=20, suppress_origin=True)
    ws.recv()
    print(ask(ws, "c", "connect", CONNECT)["payload"]["type"])
    print(ask(ws, "s", "sessions.subscribe", {})["payload"]["subscribed"])
    run_id = gateway.run_now("builder")
    while (got := json.loads(ws.recv())["payload"]).get("reason") != "agent.input.settled":
        pass
    print(got["session"]["lastRunId"] == run_id, gateway.busy())
    gateway.stop()
    while (got := ws.recv_data())[0] != websocket.ABNF.OPCODE_CLOSE:
        pass
    print(int.from_bytes(got[1][:2], "big"))
    ws.shutdown()
"""


def test_it_plays_a_run_and_says_goodbye_on_greenlets():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PLAY],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.split("\n") == ["hello-ok", "True", "True set()", "1012", ""]
