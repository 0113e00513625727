"""A client as plain as possible, so that the demo gateway is judged from outside."""

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import websocket

from palais.demo.gateway import DemoGateway

Json = dict[str, Any]
PATIENCE = 20  # seconds until a test that waits in vain fails


def connect_params(**changes: Any) -> Json:
    return {
        "minProtocol": 3,
        "maxProtocol": 4,
        "client": {
            "id": "gateway-client",
            "version": "0.1.0",
            "platform": "linux",
            "mode": "backend",
        },
        "role": "operator",
        "scopes": ["operator.read"],
        "caps": ["tool-events"],
        **changes,
    }


class Client:
    def __init__(self, url: str, **options: Any) -> None:
        self.socket = websocket.create_connection(
            url, timeout=PATIENCE, **{"suppress_origin": True, **options}
        )
        self.challenge = self.receive()["payload"]
        self.ids = 0
        self.events: list[Json] = []

    def receive(self) -> Json:
        return json.loads(self.socket.recv())

    def request(self, method: str, params: Json | None = None) -> Json:
        self.ids += 1
        ident = f"r{self.ids}"
        frame = {"type": "req", "id": ident, "method": method, "params": params or {}}
        self.socket.send(json.dumps(frame))
        while True:
            frame = self.receive()
            if frame.get("id") == ident:
                return frame
            self.events.append(frame)

    def enter(self, **changes: Any) -> Json:
        answer = self.request("connect", connect_params(**changes))
        assert answer["ok"], answer
        return answer["payload"]

    def until(self, wanted: Callable[[Json], bool]) -> list[Json]:
        """Return the events up to the first wanted one, waiting for it if need be."""
        for count in itertools.count(1):
            if count > len(self.events):
                self.events.append(self.receive())
            if wanted(self.events[count - 1]):
                break
        return self.events[:count]

    def farewell(self) -> tuple[list[Json], int, str]:
        """Read to the close frame; return the events, its code and its reason."""
        while True:
            opcode, data = self.socket.recv_data()
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                return self.events, int.from_bytes(data[:2], "big"), data[2:].decode()
            self.events.append(json.loads(data))


def settled(run_id: str) -> Callable[[Json], bool]:
    """Recognise the last event of a run."""

    def is_last(frame: Json) -> bool:
        payload = frame.get("payload", {})
        return (
            frame.get("event") == "sessions.changed"
            and payload.get("reason") == "agent.input.settled"
            and payload["session"].get("lastRunId") == run_id
        )

    return is_last


@pytest.fixture
def quiet() -> Iterator[DemoGateway]:
    """A fast gateway in which nothing happens by itself."""
    with DemoGateway(speed=2000, seed=1, quiet=True) as gateway:
        yield gateway
        gateway.drop_connections()  # else it waits for goodbyes that nobody reads


@pytest.fixture
def connect() -> Iterator[Callable[..., Client]]:
    clients: list[Client] = []

    def make(gateway: DemoGateway, **options: Any) -> Client:
        clients.append(Client(gateway.url, **options))
        return clients[-1]

    yield make
    for client in clients:
        client.socket.shutdown()  # close() would leave the socket open after a close frame


@pytest.fixture
def subscribed(connect: Callable[..., Client], quiet: DemoGateway) -> Client:
    client = connect(quiet)
    client.enter()
    assert client.request("sessions.subscribe", {"limit": 100})["payload"]["subscribed"]
    return client


@pytest.fixture(name="settled")
def _settled() -> Callable[[str], Callable[[Json], bool]]:
    return settled
