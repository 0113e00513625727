"""How gunicorn serves Palais. It imports nothing of the app: workers patch the process first."""

import os

wsgi_app = "wsgi:app"
bind = os.environ.get("PALAIS_BIND") or "127.0.0.1:3300"
workers = int(os.environ.get("WEB_CONCURRENCY") or 1)
worker_class = "gevent"
worker_connections = 10_000
graceful_timeout = 5
keepalive = 5
loglevel = "warning"
proc_name = "palais"
control_socket_disable = True  # it would be made in the home folder, outside of Palais's own

STOP_SECONDS = 2.0


def post_worker_init(worker):
    """Close all streams as soon as the worker is told to stop.

    One open stream would otherwise make SIGTERM last the whole graceful_timeout, and skip
    worker_exit.
    """
    import gevent  # noqa: PLC0415

    runtime = worker.wsgi.extensions["palais.runtime"]

    def watch():
        while worker.alive:
            gevent.sleep(0.1)
        runtime.stop(STOP_SECONDS)

    worker.palais_watch = gevent.spawn(watch)


def worker_exit(_server, worker):
    """Let go of the embedded database; the last process to leave stops it."""
    watch = getattr(worker, "palais_watch", None)
    if watch is not None:
        watch.join(timeout=STOP_SECONDS)
    embedded = worker.wsgi.extensions.get("palais.embedded") if worker.wsgi else None
    if embedded is not None:
        embedded.leave()
