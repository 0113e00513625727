"""``GET /metrics`` for Prometheus. See docs/operate.md.

What is on record is read from the database when somebody asks, so it is the same from any process
and host. What a process counts is summed over all processes of this host, those that are gone
included.
"""

import hashlib
import logging
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Final

from flask import Blueprint, Response, request
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from palais.domain.events import Status
from palais.domain.text import clean, is_id
from palais.store.figures import AgentFigures, Figures, figures
from palais.store.link import LinkState
from palais.tally import BOUNDS, Count, Level, Tally
from palais.version import VERSION
from palais.web.request import live_hub, reading

log = logging.getLogger(__name__)

metrics = Blueprint("metrics", __name__)

LABEL_LIMIT: Final = 100

Labels = dict[str, str]


@metrics.get("/metrics")
def scrape() -> Response:
    """Answer a scrape: Prometheus's text format, or OpenMetrics where it is asked for."""
    encode, kind = choose_encoder(request.headers.get("Accept", ""))
    hub = live_hub()
    tally = hub.tally if hub is not None else Tally()
    tally.set(Level.VIEWERS, len(hub or ()))
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Moment(tally.rows()))
    return Response(encode(registry), content_type=kind)


class _Moment(Collector):
    """All that can be told now; ``rows`` are those of ``Tally.rows``."""

    def __init__(self, rows: list[list[float]]) -> None:
        self._rows = rows
        self._living = [row for row in rows if row[Level.PID]]

    def collect(self) -> Iterator[Metric]:
        yield _family("gauge", "palais_build_info", "Always 1.", [({"version": VERSION}, 1)])
        yield from self._counted()
        yield from self._recorded()
        yield from _processes({int(row[Level.PID]) for row in self._living})

    def _counted(self) -> Iterator[Metric]:
        viewers = sum(row[Level.VIEWERS] for row in self._living)
        yield _gauge("palais_stream_viewers", "Streams open on this host.", viewers)
        for count, name, words in _COUNTED:
            yield _counter(name, words, self._total(count))
        buckets = [self._total(Count.BATCHES + place) for place in range(len(BOUNDS) + 1)]
        bounds = [*map(str, BOUNDS), "+Inf"]
        yield HistogramMetricFamily(
            "palais_ingest_batch_seconds",
            "Time that a batch took to commit.",
            buckets=list(zip(bounds, accumulate(buckets), strict=True)),
            sum_value=self._total(Count.BATCH_SECONDS),
        )

    def _recorded(self) -> Iterator[Metric]:
        seen = [int(row[Level.SEEN]) for row in self._living if row[Level.SEEN]]
        found: Figures | None = None
        try:
            with reading() as conn:
                found = figures(conn, min(seen, default=None))
        except SQLAlchemyError as error:
            log.warning("A scrape got no answer from the database: %s", type(error).__name__)
        yield _gauge("palais_database_up", "Whether Postgres answered.", found is not None)
        if found is not None:
            yield from _agents(found.agents)
            yield from _link(found)

    def _total(self, place: int) -> float:
        return sum(row[place] for row in self._rows)


_COUNTED: Final = (
    (
        Count.EVENTS,
        "palais_stream_events_total",
        "Events published; every process of this host publishes each.",
    ),
    (
        Count.DROPPED,
        "palais_stream_dropped_viewers_total",
        "Streams ended because their viewer read too slowly.",
    ),
    (
        Count.CHANGES,
        "palais_ingest_events_total",
        "What the gateway told, as changes that are committed.",
    ),
)


def _agents(agents: list[AgentFigures]) -> Iterator[Metric]:
    told = [({"agent": _label(agent.id)}, agent) for agent in agents]
    yield _family(
        "gauge",
        "palais_agent_status",
        "1 for the status that an agent has.",
        [
            ({**labels, "status": status.value}, agent.status == status.value)
            for labels, agent in told
            for status in Status
        ],
    )
    yield _family(
        "gauge",
        "palais_agent_active_sessions",
        "Runs that an agent has open.",
        [(labels, agent.active_sessions) for labels, agent in told],
    )
    yield _family(
        "counter",
        "palais_agent_tokens_total",
        "Tokens that were billed, cached ones included.",
        [(labels, agent.tokens) for labels, agent in told if agent.tokens is not None],
    )
    yield _family(
        "counter",
        "palais_agent_cost_usd_total",
        "Cost in USD, as far as it is known.",
        [(labels, agent.cost) for labels, agent in told if agent.cost is not None],
    )


def _link(found: Figures) -> Iterator[Metric]:
    yield _family(
        "gauge",
        "palais_gateway_state",
        "1 for the state of the connection to the gateway.",
        [({"state": state.value}, found.gateway == state.value) for state in LinkState],
    )
    yield _counter(
        "palais_gateway_reconnects_total", "Connections after the first.", found.reconnects
    )
    yield _counter(
        "palais_gateway_gap_seconds_total", "Time without observation.", found.gap_seconds
    )
    if found.lag is not None:
        yield _gauge(
            "palais_stream_lag_seconds",
            "Age of the oldest row that a process of this host has not published.",
            found.lag,
        )


def _processes(pids: Iterable[int]) -> Iterator[Metric]:
    """Yield the standard figures of each process, told apart by their number."""
    families: dict[str, Metric] = {}
    for pid in pids:
        for told in ProcessCollector(pid=lambda pid=pid: pid, registry=None).collect():  # type: ignore[misc]
            family = families.setdefault(
                told.name, Metric(told.name, told.documentation, told.type)
            )
            for sample in told.samples:
                family.add_sample(sample.name, {"pid": str(pid)}, sample.value)
    yield from families.values()


def _label(agent_id: str) -> str:
    """Return an id fit for a label: as it is, or, where it is strange, one that is its own."""
    if is_id(agent_id):
        return agent_id
    digest = hashlib.sha256(agent_id.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{clean(agent_id, LABEL_LIMIT)}#{digest}"


def _gauge(name: str, words: str, value: float) -> Metric:
    return _family("gauge", name, words, [({}, value)])


def _counter(name: str, words: str, value: float) -> Metric:
    return _family("counter", name, words, [({}, value)])


def _family(kind: str, name: str, words: str, samples: Iterable[tuple[Labels, float]]) -> Metric:
    # A counter's family has the name without its ending, its samples the whole one (OpenMetrics).
    family = Metric(name.removesuffix("_total"), words, kind)
    for labels, value in samples:
        family.add_sample(name, labels, float(value))
    return family
