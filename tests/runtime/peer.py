"""A WebSocket server on this host, and a transport that is connected to it."""

import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

from palais.gateway.transport import Transport
from tests.database import PATIENCE

Handler = Callable[[ServerConnection], None]
Process = Callable[[ServerConnection, Request], Response | None]


@contextmanager
def serving(handler: Handler, process_request: Process | None = None) -> Iterator[str]:
    """Serve WebSockets; give the address."""
    server: Server = serve(
        handler, "127.0.0.1", 0, compression=None, max_size=None, process_request=process_request
    )
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
    finally:
        server.shutdown()
        thread.join()


@contextmanager
def deaf() -> Iterator[str]:
    """Give an address where nobody listens, and nobody else can begin to meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"ws://127.0.0.1:{taken.getsockname()[1]}"


class Faults(Counter[str]):
    """What the transport passed over, by kind."""

    def __call__(self, kind: str, clip: str) -> None:
        self[kind] += 1


@contextmanager
def dialled(handler: Handler, faults: Faults) -> Iterator[Transport]:
    with serving(handler) as url:
        transport = Transport.dial(url, faults)
        transport.limit(PATIENCE)
        try:
            yield transport
        finally:
            transport.close()


def sending(*messages: object) -> Handler:
    """Return a handler that sends these messages and closes."""

    def handle(peer: ServerConnection) -> None:
        for message in messages:
            peer.send(message)

    return handle
