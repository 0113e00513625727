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
        # A database host that vanished is noticed within five seconds, not after two hours:
        # by probes while nothing is said, by the lack of receipts (in ms) while something is.
        "keepalives_idle": 2,
        "keepalives_interval": 1,
        "keepalives_count": 3,
        "tcp_user_timeout": 5000,
    },
}
