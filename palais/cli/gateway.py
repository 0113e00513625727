"""``flask gateway``: look into the connection, or simulate the other end of it."""

import signal
import sys
import time
from collections import Counter
from contextlib import closing

import click
from flask import current_app
from flask.cli import AppGroup

from palais.cli.exits import explained
from palais.config import Settings
from palais.demo.gateway import DemoGateway
from palais.domain.events import Event, RosterListed
from palais.errors import GatewayError
from palais.gateway.identity import load_identity
from palais.gateway.link import Link, Memory
from palais.gateway.transport import Transport
from palais.log import visible

gateway = AppGroup("gateway", help="Check the gateway connection, or run the demo gateway.")

CHECK_SECONDS = 15.0


@gateway.command("check")
@explained
def check() -> None:
    """Connect once and explain each step; exit 1 where it would not work."""
    settings: Settings = current_app.extensions["palais.settings"]
    if settings.gateway_url is None:
        click.echo("OPENCLAW_WS_URL is not set: Palais uses its built-in demo gateway. Fine.")
        return
    identity = load_identity(settings.data_dir / "device_key")
    _step(True, f"Device key: this Palais is device {identity.device_id[:12]}…")
    token = "is set" if settings.gateway_token else "is not set; most gateways want one"
    _step(True, f"OPENCLAW_GATEWAY_TOKEN {token}.")
    link = Link(identity, settings.gateway_token, Memory(), lambda: "check", Counter())
    try:
        transport = Transport.dial(settings.gateway_url, link.fault)
        _step(True, f"WebSocket: {settings.gateway_url} answers.")
        with closing(transport):
            roster = _converse(link, transport)
    except GatewayError as error:
        _step(False, str(error))
        sys.exit(1)
    _step(True, f"Handshake: protocol {link.protocol}, server {link.server_version}.")
    _step(not link.missing, f"Features: {', '.join(link.missing) or 'all there'}.")
    _step(True, f"Agents: {', '.join(profile.id for profile in roster.agents) or 'none'}.")


@gateway.command("demo")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=18790, show_default=True, help="Port to listen on.")
@click.option("--speed", default=1.0, show_default=True, help="How fast the day goes by.")
def demo(host: str, port: int, speed: float) -> None:
    """Run the simulated gateway by itself, until told to stop."""
    with DemoGateway(host, port, speed=speed) as served:
        click.echo(f"Demo gateway on {served.url}. Ctrl-C ends it.")
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            signal.pause()
        except KeyboardInterrupt:
            click.echo("The demo gateway ended.")


def _converse(link: Link, transport: Transport) -> RosterListed:
    deadline = time.monotonic() + CHECK_SECONDS
    transport.limit(CHECK_SECONDS)
    while time.monotonic() < deadline:
        now = time.time_ns() // 1_000_000
        events: list[Event] = link.receive(transport.read(), now)
        link.tick(now)
        for text in link.outgoing():
            transport.send(text)
        for event in events:
            if isinstance(event, RosterListed):
                return event
    raise GatewayError("The gateway did not answer within 15 seconds.")


def _step(good: bool, sentence: str) -> None:
    click.echo(f"{'ok  ' if good else 'FAIL'} {visible(sentence)}")
