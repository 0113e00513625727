"""``GET /api/openapi.json``: the API as OpenAPI 3.1 (spec.openapis.org/oas/v3.1.1)."""

from collections import ChainMap
from typing import Any, Final

from flask import Blueprint, Response

from palais.store import wire
from palais.version import VERSION
from palais.web.openapi import books, budgets, costs, ledger, traces
from palais.web.openapi.events import EVENTS
from palais.web.openapi.operations import ERRORS, PATHS
from palais.web.openapi.schemas import SCHEMAS, ref

openapi = Blueprint("openapi", __name__)

AREAS: Final = (traces, costs, budgets, ledger, books)
"""What is described in files of its own."""

DOCUMENT: Final[dict[str, Any]] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Palais",
        "version": VERSION,
        "summary": "The live cockpit for a fleet of AI agents run by an OpenClaw Gateway",
        "license": {"name": "MIT", "identifier": "MIT"},
    },
    "servers": [{"url": "/"}],
    "security": [{"key": []}, {"bearer": []}, {"cookie": []}],
    "paths": dict(ChainMap(PATHS, *(area.PATHS for area in AREAS))),
    "components": {
        "schemas": dict(ChainMap(SCHEMAS, EVENTS, *(area.SCHEMAS for area in AREAS))),
        "responses": {
            code: {"description": words, "content": {"application/json": {"schema": ref("Error")}}}
            for code, words in ERRORS.items()
        },
        "securitySchemes": {
            "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            "bearer": {"type": "http", "scheme": "bearer", "description": "An API key as well"},
            "cookie": {"type": "apiKey", "in": "cookie", "name": "palais_session"},
        },
    },
}

_TEXT: Final = wire.dumps(DOCUMENT)


@openapi.get("/api/openapi.json")
def describe() -> Response:
    """Return the document; it changes only with the version."""
    return Response(_TEXT, mimetype="application/json")
