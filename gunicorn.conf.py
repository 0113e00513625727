"""How gunicorn serves Palais. It imports nothing of the app: workers patch the process first."""

import importlib.util
import os
import resource
import sys
from pathlib import Path

from gunicorn.glogging import Logger

wsgi_app = "wsgi:app"
bind = os.environ.get("PALAIS_BIND") or "127.0.0.1:3300"
if bind.startswith(":"):
    bind = f"127.0.0.1{bind}"  # to gunicorn, no host means all of them
workers = int(os.environ.get("WEB_CONCURRENCY") or 1)
worker_class = "gevent"
worker_connections = 10_000
graceful_timeout = 5
keepalive = 5
loglevel = "warning"
proc_name = "palais"
control_socket_disable = True  # it would be made in the home folder, outside of Palais's own

# What a caller may send before Palais sees it: bytes of the first line, headers, bytes of each.
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190

# Whom to believe about X-Forwarded-* is for Palais to say (PALAIS_TRUSTED_PROXIES): gunicorn
# believes nobody, whatever its own variable FORWARDED_ALLOW_IPS says.
forwarded_allow_ips = ""
secure_scheme_headers = {}
forwarder_headers = ""

STOP_SECONDS = 2.0
DESCRIPTORS = 65_536


def _alone(name):
    """Load a file of the app that needs nothing but the standard library, without the app."""
    path = Path(__file__).parent / "palais" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"_palais_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class logger_class(Logger):  # noqa: N801  gunicorn's name for it
    """gunicorn's own log lines, in the form of Palais's."""

    def setup(self, cfg):
        """Give each handler the format that the operator chose."""
        super().setup(cfg)
        form = _alone("log").formatter(os.environ.get("PALAIS_LOG_FORMAT") or "text")
        for handler in self.error_log.handlers:
            handler.setFormatter(form)


def on_starting(server):
    """Refuse another address than Palais knows of, and make what the workers count in.

    By that address it decides whether a password of the operator's is needed, and which names are
    its own. As many sockets are allowed as the system does: each viewer is one, and 1024 are soon
    gone.
    """
    if server.cfg.bind != [bind]:
        sys.exit("Error: PALAIS_BIND says where Palais listens. Leave out --bind.")
    server.palais_board = _alone("tally").Board()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def pre_fork(server, worker):
    """Give the worker a row to count in."""
    worker.palais_board = server.palais_board
    worker.palais_row = server.palais_board.claim()


def child_exit(server, worker):
    """Keep what the worker counted."""
    server.palais_board.release(worker.palais_row)


def post_worker_init(worker):
    """Close all streams as soon as the worker is told to stop.

    They would otherwise break off without their last chunk; and one that gunicorn itself serves
    (over TLS) would make SIGTERM last the whole graceful_timeout, and skip worker_exit.
    """
    import gevent  # noqa: PLC0415

    runtime = worker.wsgi.extensions["palais.runtime"]
    runtime.tally.join(worker.palais_board, worker.palais_row)

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
    app = getattr(worker, "wsgi", None)  # none where it was refused
    embedded = app.extensions.get("palais.embedded") if app else None
    if embedded is not None:
        embedded.leave()
