"""What every answer says to the browser about itself.

Out of reach are the few that gunicorn gives by itself to what is no HTTP: they carry no content.
"""

from typing import Final

from flask import Flask, Response, request

OWN: Final = ("script", "style", "font", "connect", "worker", "manifest")
CSP: Final = "; ".join(
    [
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in OWN),
        "img-src 'self' data:",
        "form-action 'self'",
        *(f"{kind} 'none'" for kind in ("base-uri", "object-src", "frame-ancestors")),
    ]
)
"""No inline script or style, nothing from elsewhere, in nobody's frame (CSP level 3)."""

EVERYWHERE: Final = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Static files say something else themselves: they are the same for everybody.
    "Cache-Control": "no-store",
}
POLICY: Final = {"Content-Security-Policy": CSP}
"""Pictures have it too: an SVG can be opened by itself."""

OF_A_PAGE: Final = {
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
PARTS: Final = frozenset({"text/css", "text/javascript", "font/woff2"})
"""Types of what is only ever a part of a page, whose own policy holds for it."""

WORKER: Final = "/worker.js"
"""How the one script ends that is no part of a page: a worker goes by the policy it came with."""

HSTS: Final = f"max-age={365 * 24 * 3600}"


def register(app: Flask) -> None:
    """Give every answer these headers, unless it has its own; parts of a page get fewer."""
    app.after_request(_harden)


def _harden(response: Response) -> Response:
    for name, value in _headers(response.mimetype or "", request.path).items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", HSTS)
    return response


def _headers(mimetype: str, path: str) -> dict[str, str]:
    if mimetype in PARTS and not path.endswith(WORKER):
        return EVERYWHERE
    picture = mimetype.startswith("image/")
    return EVERYWHERE | POLICY | ({} if picture else OF_A_PAGE)
