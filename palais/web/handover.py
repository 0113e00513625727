"""A response that gives its connection to the broadcaster, and frees the server's greenlet."""

from collections.abc import Callable, Iterable, Iterator
from errno import EPIPE
from typing import Any, Final

from flask import Response, request
from gevent.socket import socket

from palais.live.writer import STALL_SECONDS, Writer

PIECE: Final = 64 * 1024
"""Bytes that a viewer has ``STALL_SECONDS`` to take."""

StartResponse = Callable[[str, list[tuple[str, str]]], Callable[[bytes], object]]


class Handover(Response):
    """Writes its body, then passes the connection on to ``receive``; ``leave`` if that fails.

    Chunked is what the server makes of a body without a length for HTTP/1.1 (RFC 9112, 6.1).
    """

    def __init__(
        self,
        body: Iterator[bytes],
        sock: socket,
        receive: Callable[[Writer], None],
        leave: Callable[[], None],
    ) -> None:
        super().__init__(body, mimetype="text/event-stream")
        self._sock = sock
        self._receive = receive
        self._leave = leave

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """Answer as a WSGI application (PEP 3333).

        Raises StopIteration, by which gunicorn's asynchronous workers are told that the
        connection is no longer theirs.
        """
        try:
            self._answer(environ, start_response)
        finally:
            self._leave()
        raise StopIteration

    def _answer(self, environ: Any, start_response: StartResponse) -> None:
        # The very callable of PEP 3333 that writes at once, headers first.
        headers = self.get_wsgi_headers(environ).to_wsgi_list()
        write = start_response(self.status, headers)
        self._sock.settimeout(STALL_SECONDS)
        try:
            for data in self.iter_encoded():
                for start in range(0, len(data), PIECE):
                    write(data[start : start + PIECE])
        except TimeoutError:
            raise BrokenPipeError(EPIPE, "The viewer takes nothing.") from None
        chunked = environ.get("SERVER_PROTOCOL") != "HTTP/1.0"
        self._receive(Writer(self._sock, chunked=chunked))


def plain_socket() -> socket | None:
    """Return the request's socket, where the server gives a plain one: TLS has to be waited for."""
    sock = request.environ.get("gunicorn.socket")
    return sock if type(sock) is socket and request.method == "GET" else None
