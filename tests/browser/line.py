"""The line between a browser and the cockpit: it counts the streams, and it can be cut."""

import contextlib
import socket
import threading
from typing import Self

STREAM = b"GET /api/sse"
ANY = b"GET /"
LAGGED = b"event: lagged\ndata: {}\n\n"


class Call:
    """One connection of the browser, and what was asked on it last."""

    def __init__(self, near: socket.socket, port: int) -> None:
        self.near = near
        self.far = socket.create_connection(("127.0.0.1", port))
        self.asked = b""

    def close(self) -> None:
        for end in (self.near, self.far):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


class Line:
    """A TCP proxy before the cockpit. `streams` counts the streams that were ever asked for."""

    def __init__(self, port: int) -> None:
        self.streams = 0
        self._port = port
        self._calls: set[Call] = set()
        self._refused: bytes | None = None
        self._flowing = threading.Event()
        self._flowing.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def open_streams(self) -> int:
        """Count the streams that are open now."""
        return sum(call.asked.startswith(STREAM) for call in tuple(self._calls))

    def cut(self, requests: bytes = ANY) -> None:
        """Close every connection on which such a request was made, and refuse more of them."""
        self._refused = requests
        for call in tuple(self._calls):
            if call.asked.startswith(requests):
                call.close()

    def mend(self) -> None:
        """Refuse nothing any more."""
        self._refused = None

    def hold(self) -> None:
        """Keep back what the streams say from now on."""
        self._flowing.clear()

    def release(self) -> None:
        """Let the streams speak again, first of all what was kept back."""
        self._flowing.set()

    def lag(self) -> None:
        """Forget what is kept back, and end the streams as the server does with a slow viewer."""
        for call in tuple(self._calls):
            if call.asked.startswith(STREAM):
                call.near.sendall(b"%x\r\n%b\r\n0\r\n\r\n" % (len(LAGGED), LAGGED))
                call.close()
        self.release()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut(b"")
        self.release()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=[near], daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        try:
            call = Call(near, self._port)
        except OSError:
            near.close()
            return
        self._calls.add(call)
        threading.Thread(target=self._answer, args=[call], daemon=True).start()
        with contextlib.suppress(OSError):
            while (data := near.recv(65536)) and self._allowed(call, data):
                call.far.sendall(data)
        self._hang_up(call)

    def _allowed(self, call: Call, data: bytes) -> bool:
        if data.startswith(ANY):
            call.asked = data
            if self._refused is not None and data.startswith(self._refused):
                return False
            self.streams += data.startswith(STREAM)
        return True

    def _answer(self, call: Call) -> None:
        with contextlib.suppress(OSError):
            while data := call.far.recv(65536):
                if call.asked.startswith(STREAM):
                    self._flowing.wait()
                call.near.sendall(data)
        self._hang_up(call)

    def _hang_up(self, call: Call) -> None:
        self._calls.discard(call)
        call.close()
