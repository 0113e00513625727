"""One scrape tells of all workers, and nothing that was counted is lost with one of them."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from palais.demo.gateway import DemoGateway
from tests.e2e.cockpit import Cockpit
from tests.rig.process import wait_until

TOKEN = "jeton-des-mesures"
WORKERS = 3


@pytest.fixture
def cockpit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cockpit]:
    with DemoGateway(token=TOKEN, speed=6, seed=3, quiet=True) as gateway:
        cockpit = Cockpit(tmp_path, gateway.url, TOKEN)
        cockpit._environment["WEB_CONCURRENCY"] = str(WORKERS)
        with cockpit:
            yield cockpit
        gateway.drop_connections()


def scraped(cockpit: Cockpit) -> dict[str, list[tuple[str, float]]]:
    """Return the values of each series with the process it is of, by the series' name."""
    status, body = cockpit._request("/metrics")
    assert status == 200, body
    told: dict[str, list[tuple[str, float]]] = {}
    for family in text_string_to_metric_families(body.decode()):
        for sample in family.samples:
            told.setdefault(sample.name, []).append((sample.labels.get("pid", ""), sample.value))
    return told


def workers(cockpit: Cockpit) -> set[int]:
    return {int(pid) for pid, _ in scraped(cockpit)["process_cpu_seconds_total"]}


def value(cockpit: Cockpit, name: str) -> float:
    [(_, found)] = scraped(cockpit)[name]
    return found


def test_a_scrape_sees_every_worker_and_what_those_that_are_gone_had_counted(
    cockpit: Cockpit,
) -> None:
    wait_until(lambda: len(workers(cockpit)) == WORKERS, timeout=30, what="all workers")
    with cockpit.stream(), cockpit.stream(), cockpit.stream(), cockpit.stream():
        wait_until(
            lambda: value(cockpit, "palais_stream_viewers") == 4, timeout=30, what="four viewers"
        )
    before = value(cockpit, "palais_stream_events_total")
    assert before >= WORKERS
    [victim, *_] = workers(cockpit) - {cockpit.health()["lease"]["pid"]}

    os.kill(victim, signal.SIGKILL)
    wait_until(
        lambda: victim not in workers(cockpit) and len(workers(cockpit)) == WORKERS,
        timeout=30,
        what="a successor",
    )

    assert value(cockpit, "palais_stream_events_total") >= before
    assert value(cockpit, "palais_database_up") == 1
