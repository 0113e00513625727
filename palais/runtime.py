"""Joins the moving parts of a process: tail of the log, heartbeat, listener, retention, watch."""

import logging
from collections.abc import Callable
from typing import Any

import gevent
from gevent import Greenlet
from gevent.event import Event as Flag
from gevent.monkey import is_module_patched
from sqlalchemy import Engine

from palais.config import Settings
from palais.demo.gateway import DemoGateway
from palais.domain.prices import Prices
from palais.errors import ConfigError
from palais.gateway.identity import load_identity
from palais.gateway.listener import Listener
from palais.live import sse
from palais.live.door import Door
from palais.live.hub import Hub
from palais.live.tail import Tail
from palais.store import waiting
from palais.store.budget_watch import BudgetWatch
from palais.store.recorder import Recorder
from palais.store.retention import Retention
from palais.tally import Level, Tally

log = logging.getLogger(__name__)

REPORT_SECONDS = 1.0
"""How often the other processes of this host learn how many viewers this one has."""


class Runtime:
    """Everything that runs beside the requests of one process."""

    def __init__(self, engine: Engine, settings: Settings, prices: Prices | None = None) -> None:
        self.tally = Tally()
        self.hub = Hub(self.tally)
        self._heartbeat_seconds = settings.heartbeat_seconds
        self._demo: DemoGateway | None = None
        self._stopping = Flag()
        self._greenlets: list[Greenlet[..., object]] = []
        self._tail = Tail(engine, self.hub)
        self._door = Door(engine, self.hub, settings.admin_password)
        recorder = Recorder(engine, self.tally)
        self._retention = Retention(engine, settings.retention_days, lambda: recorder.held)
        self._budgets = BudgetWatch(engine, lambda: recorder.held, lambda: recorder.written)
        self._listener = Listener(
            recorder,
            self._address(settings),
            load_identity(settings.data_dir / "device_key"),
            settings.gateway_token,
            prices=prices,
        )

    def start(self) -> None:
        """Start all parts; raise ConfigError where the process is not ready for greenlets."""
        if not is_module_patched("socket"):
            raise ConfigError(
                "Palais listens only in a process that gevent has patched. Start it with: "
                "flask serve, or gunicorn without --preload."
            )
        waiting.install()
        gevent.get_hub().print_exception = _log_failure  # type: ignore[method-assign, assignment]
        parts = (self._tail, self._listener, self._retention, self._budgets, self._door)
        self._greenlets = [gevent.spawn(part.run) for part in parts]
        self._greenlets += [gevent.spawn(self._beat), gevent.spawn(self._report)]

    def stop(self, timeout: float) -> None:
        """End all streams and all parts, waiting up to ``timeout`` seconds for them."""
        self._stopping.set()
        self.hub.close()
        for part in (self._listener, self._retention, self._budgets, self._tail, self._door):
            part.stop()
        gevent.joinall(self._greenlets, timeout=timeout)
        gevent.killall(self._greenlets, block=False)
        if self._demo is not None:
            self._demo.stop()

    def _address(self, settings: Settings) -> Callable[[], str]:
        """Return what tells the gateway's address: the demo starts when it is first needed."""

        def address() -> str:
            if settings.gateway_url is not None:
                return settings.gateway_url
            if self._demo is None:
                self._demo = DemoGateway()
                self._demo.start()
            return self._demo.url

        return address

    def _beat(self) -> None:
        while not self._stopping.wait(self._heartbeat_seconds):
            self.hub.publish(sse.ping())

    def _report(self) -> None:
        while not self._stopping.wait(REPORT_SECONDS):
            self.tally.set(Level.VIEWERS, len(self.hub))


def _log_failure(context: object, kind: Any, error: Any, trace: Any) -> None:
    """Log what a greenlet died of; gevent itself would print it, past all formats."""
    log.error("%r failed", context, exc_info=(kind, error, trace))
