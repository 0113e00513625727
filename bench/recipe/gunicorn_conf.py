"""How gunicorn serves the recipe: one gevent worker, as every tutorial has it."""

import os
from typing import Any

wsgi_app = "bench.recipe.app:app"
bind = f"127.0.0.1:{os.environ['PORT']}"
worker_class = "gevent"
workers = 1
worker_connections = 10_000
graceful_timeout = 1
loglevel = "warning"
control_socket_disable = True


def post_worker_init(worker: Any) -> None:  # noqa: ARG001  gunicorn names it
    """Start to listen once the process is patched."""
    import gevent  # noqa: PLC0415
    from psycogreen.gevent import patch_psycopg  # noqa: PLC0415

    from bench.recipe import app  # noqa: PLC0415

    patch_psycopg()
    with app.app.app_context():
        app.db.create_all()
    gevent.spawn(app.listen)
