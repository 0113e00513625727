"""The WebSocket, against a real server on this host."""

import socket
from collections.abc import Callable
from http import HTTPStatus

import pytest
from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection

from palais.errors import GatewayError
from palais.gateway import transport as transports
from palais.gateway.transport import Transport
from tests.database import PATIENCE
from tests.runtime.peer import Faults, deaf, dialled, sending, serving


def test_text_is_read_as_it_was_sent(faults: Faults) -> None:
    with dialled(sending("«ⲑⲱⲟⲩⲧ» 🖋️", " \n"), faults) as transport:
        assert transport.read() == "«ⲑⲱⲟⲩⲧ» 🖋️"
        assert transport.read() == " \n"

    assert not faults


def test_a_large_message_is_read_whole(faults: Faults) -> None:
    large = "é" * 3_000_000

    with dialled(sending(large, "after"), faults) as transport:
        assert transport.read() == large
        assert transport.read() == "after"


def test_fragments_are_joined(faults: Faults) -> None:
    with dialled(sending(iter(["one ", "two ", "three"]), "after"), faults) as transport:
        assert transport.read() == "one two three"
        assert transport.read() == "after"


def test_what_is_sent_arrives(faults: Faults) -> None:
    def echo(peer: ServerConnection) -> None:
        peer.send(f"heard {peer.recv()}")

    with dialled(echo, faults) as transport:
        transport.send("«é»")
        assert transport.read() == "heard «é»"


def test_a_binary_message_is_counted_and_passed_over(faults: Faults) -> None:
    with dialled(sending(b"\0\1", b"", "after"), faults) as transport:
        assert transport.read() == "after"

    assert faults == {"a frame is binary": 2}


def test_a_message_that_is_too_large_is_counted_and_passed_over(
    faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transports, "MESSAGE_LIMIT", 1000)

    with dialled(sending("x" * 200_000, "x" * 1000, "after"), faults) as transport:
        assert transport.read() == "x" * 1000
        assert transport.read() == "after"

    assert faults == {"a frame is too large": 1}


def test_fragments_that_are_too_large_together_are_counted_and_not_kept(
    faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transports, "MESSAGE_LIMIT", 1000)

    with dialled(sending(iter(["x" * 900] * 5), "after"), faults) as transport:
        first = transport.read()
        while first != "after":
            assert len(first) <= 1000
            first = transport.read()

    assert faults["a fragmented message is too large"] >= 1


def test_bytes_that_are_no_text_are_replaced(faults: Faults) -> None:
    def handle(peer: ServerConnection) -> None:
        peer.send(b"a\xff\xfeb", text=True)
        peer.send("after")

    with dialled(handle, faults) as transport:
        assert transport.read() == "a\ufffd\ufffdb"
        assert transport.read() == "after"


def test_a_ping_of_the_gateway_is_answered_while_reading(faults: Faults) -> None:
    def handle(peer: ServerConnection) -> None:
        peer.ping().wait(PATIENCE)
        peer.send("answered")

    with dialled(handle, faults) as transport:
        assert transport.read() == "answered"


def test_a_ping_of_our_own_is_answered_and_heard(
    faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    def handle(peer: ServerConnection) -> None:
        peer.recv()

    with dialled(handle, faults) as transport:
        transport.heard_at = 0.0
        transport.ping()
        transport.send("go")  # the server hangs up then, after its pong
        with pytest.raises(GatewayError):
            transport.read()

        assert transport.heard_at > 0.0


def test_the_handshake_names_no_origin(faults: Faults) -> None:
    seen: list[Headers] = []

    def handle(peer: ServerConnection) -> None:
        assert peer.request is not None
        seen.append(peer.request.headers)

    with dialled(handle, faults) as transport, pytest.raises(GatewayError):
        transport.read()

    assert "Origin" not in seen[0]


@pytest.mark.parametrize(
    ("code", "reason", "said"),
    [
        *((1008, "slow consumer", "1008 slow consumer"), (1012, "", "1012"), (4001, "é", "4001 é")),
        (1008, "a\x00b\x1b[2J\r\nERROR\u202eforged", "1008 ab[2J ERRORforged"),
    ],
)
def test_a_connection_that_the_gateway_closes_ends_with_its_code_and_reason(
    faults: Faults, code: int, reason: str, said: str
) -> None:
    with (
        dialled(lambda peer: peer.close(code, reason), faults) as transport,
        pytest.raises(GatewayError) as ended,
    ):
        transport.read()

    assert str(ended.value) == f"The gateway closed the connection ({said})."


def test_a_connection_that_breaks_without_a_word_is_lost(faults: Faults) -> None:
    def handle(peer: ServerConnection) -> None:
        peer.socket.shutdown(socket.SHUT_RDWR)

    with dialled(handle, faults) as transport, pytest.raises(GatewayError, match="was lost"):
        transport.read()


@pytest.mark.parametrize("use", [Transport.read, Transport.ping, lambda one: one.send("text")])
def test_a_connection_that_is_closed_here_is_of_no_more_use(
    faults: Faults, use: Callable[[Transport], object]
) -> None:
    with dialled(lambda peer: None, faults) as transport:
        transport.close()

        with pytest.raises(GatewayError, match="was lost"):
            use(transport)


def test_closing_twice_is_harmless(faults: Faults) -> None:
    with dialled(lambda peer: None, faults) as transport:
        transport.close()
        transport.close()


def test_a_gateway_is_within_reach_while_something_listens_at_its_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"ws://127.0.0.1:{server.getsockname()[1]}/path"
        assert Transport.reachable(url)

    with deaf() as url:
        assert not Transport.reachable(url)


def test_a_host_that_does_not_exist_is_out_of_reach() -> None:
    assert not Transport.reachable("wss://gateway.invalid")


def test_a_port_where_nobody_listens_is_named(faults: Faults) -> None:
    with deaf() as address, pytest.raises(GatewayError) as refused:
        Transport.dial(address, faults)

    assert str(refused.value) == f"The gateway at {address} does not answer (Connection refused)."


def test_a_host_that_does_not_exist_is_named(faults: Faults) -> None:
    with pytest.raises(GatewayError, match=r"gateway\.invalid"):
        Transport.dial("ws://gateway.invalid:1", faults)


@pytest.mark.parametrize("status", [HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.OK])
def test_a_server_that_is_no_gateway_is_quoted(faults: Faults, status: HTTPStatus) -> None:
    def answer(peer: ServerConnection, _request: Request) -> Response:
        return peer.respond(status, "no")

    with (
        serving(lambda peer: None, answer) as url,
        pytest.raises(GatewayError, match=f"HTTP {status.value}"),
    ):
        Transport.dial(url, faults)


def test_a_redirect_is_not_followed(faults: Faults) -> None:
    led: list[str] = []

    def redirect(peer: ServerConnection, request: Request) -> Response:
        led.append(request.path)
        answer = peer.respond(HTTPStatus.FOUND, "")
        answer.headers["Location"] = "/elsewhere"
        return answer

    with serving(lambda peer: None, redirect) as url, pytest.raises(GatewayError):
        Transport.dial(url, faults)

    assert led == ["/"]


def test_a_server_that_accepts_and_says_nothing_is_given_up(
    faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transports, "DIAL_SECONDS", 0.05)

    with (
        socket.create_server(("127.0.0.1", 0)) as mute,
        pytest.raises(GatewayError, match="does not answer"),
    ):
        Transport.dial(f"ws://127.0.0.1:{mute.getsockname()[1]}", faults)
