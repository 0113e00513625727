"""What proxies say of a request, believed only where the operator trusts them.

Werkzeug's ProxyFix counts hops and believes whoever connects; here the peer itself has to be in a
trusted network, and X-Forwarded-For is walked from its right end as long as the hops are.
"""

import re
from typing import Any, Final

from palais.addresses import Network, hop, inside, items

SCHEMES: Final = frozenset({"http", "https"})
PREFIX: Final = re.compile(r"(/[A-Za-z0-9._~-]+)+", re.ASCII)
HOST: Final = re.compile(r"[A-Za-z0-9._:\[\]-]+", re.ASCII)


class Proxies:
    """Wraps a WSGI application, which then sees the address, scheme, host and prefix outside."""

    def __init__(self, app: Any, trusted: tuple[Network, ...]) -> None:
        self._app = app
        self._trusted = trusted

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Answer as the application does (PEP 3333)."""
        self._believe(environ)
        return self._app(environ, start_response)

    def _believe(self, environ: dict[str, Any]) -> None:
        depth = self._walk(environ)
        if depth == 0:
            return
        proto = _said(environ, "PROTO", depth).lower()
        if proto in SCHEMES:
            environ["wsgi.url_scheme"] = proto
        if HOST.fullmatch(host := _said(environ, "HOST", depth)):
            environ["HTTP_HOST"] = host
        prefix = _said(environ, "PREFIX", depth).rstrip("/")
        if PREFIX.fullmatch(prefix):
            environ["SCRIPT_NAME"] = prefix
            path = environ.get("PATH_INFO", "")
            if path.startswith(f"{prefix}/"):
                environ["PATH_INFO"] = path[len(prefix) :]

    def _walk(self, environ: dict[str, Any]) -> int:
        """Put the client's address in place; return how many trusted proxies were passed."""
        here = hop(environ.get("REMOTE_ADDR", ""))
        depth = 0
        before = items(environ.get("HTTP_X_FORWARDED_FOR", ""))
        while here is not None and inside(here, self._trusted):
            environ["REMOTE_ADDR"] = str(here)
            depth += 1
            here = hop(before.pop()) if before else None
        if here is not None and depth:
            environ["REMOTE_ADDR"] = str(here)
        return depth


def _said(environ: dict[str, Any], name: str, depth: int) -> str:
    """Return what the outermost of the trusted proxies said; each adds, or replaces."""
    values = items(environ.get(f"HTTP_X_FORWARDED_{name}", ""))
    return values[-min(depth, len(values))] if values else ""
