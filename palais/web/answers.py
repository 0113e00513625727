"""What a program is answered: JSON, and files to take away. ``headers`` forbids to keep either."""

from flask import Response

from palais.store import wire


def as_json(body: object) -> Response:
    """Return a body as JSON."""
    return Response(wire.dumps(body), mimetype="application/json")


def as_file(response: Response, name: str) -> Response:
    """Return the response as a file to take away; ``name`` is ASCII without quotes."""
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
