"""A client that does not read is no reason for anybody else to wait."""

from threading import Event

from palais.demo import connection
from palais.demo.connection import Connection


class StalledWebSocket:
    """Takes one frame and then blocks, as a socket with full buffers does, until it is cut."""

    def __init__(self):
        self.cut = Event()
        self.socket = self

    def send(self, _text):
        self.cut.wait()
        raise ConnectionError

    def shutdown(self, _how):
        self.cut.set()


def test_a_client_that_does_not_read_is_cut_off_when_too_much_waits_for_it(monkeypatch):
    monkeypatch.setattr(connection, "BACKLOG", 10)
    websocket = StalledWebSocket()
    stalled = Connection(websocket, ["operator.read"])
    for _ in range(20):
        stalled.tell("tick", "{}")
    assert websocket.cut.is_set()
    stalled.wait_closed(20)


def test_a_client_that_does_not_take_the_goodbye_is_cut_off():
    websocket = StalledWebSocket()
    stalled = Connection(websocket, [])
    stalled.tell("shutdown", "{}")
    stalled.close(1012, "service restart")
    stalled.wait_closed(0)
    assert websocket.cut.is_set()
