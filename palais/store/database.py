"""The engine's options, for a database that may be far away and may go away."""

from typing import Any, Final

OPTIONS: Final[dict[str, Any]] = {
    "pool_size": 10,
    "max_overflow": 40,
    "pool_timeout": 5,
    "pool_pre_ping": True,
    "connect_args": {
        "application_name": "palais",
        "connect_timeout": 5,
        # A database host that vanished is noticed within half a minute, not after two hours.
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
    },
}
