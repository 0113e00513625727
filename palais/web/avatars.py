"""Portraits as files that never change, and the button that makes one anew."""

import logging

from flask import Blueprint, Response, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from palais.avatars import studio
from palais.avatars.files import Folder, stem_of, type_of
from palais.avatars.studio import Studio
from palais.domain.text import clean, is_id
from palais.errors import NotFoundError
from palais.store import portraits
from palais.store.models import db
from palais.store.portraits import Sitter
from palais.web.answers import as_json
from palais.web.request import querying

avatars = Blueprint("avatars", __name__)
log = logging.getLogger(__name__)

FOR_EVER = "private, max-age=31536000, immutable"
SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@avatars.get("/avatars/<name>")
def file(name: str) -> Response:
    """Send a portrait; one that another host made is drawn here from the agent's own words."""
    stem = stem_of(name)
    if stem is None:
        raise NotFoundError("There is no such portrait.")
    data, kept = _folder().read(name), True
    if data is None:
        data, kept = _drawn_here(stem, name)
    response = Response(data, content_type=type_of(name))
    response.headers["Cache-Control"] = FOR_EVER if kept else "no-store"
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@avatars.get("/avatars/agents/<agent_id>")
def latest(agent_id: str) -> BaseResponse:
    """Lead to an agent's portrait; one that has none yet, or the wrong one, gets it now."""
    sitter = _sitter(agent_id)
    if sitter.file is None or sitter.asked != sitter.wish_digest:
        if sitter.wish is None:
            _studio().sketch(sitter)
        else:
            _studio().make(sitter)
        sitter = _sitter(agent_id)
    return redirect(url_for("avatars.file", name=sitter.file))


@avatars.post("/api/v1/agents/<agent_id>/avatar")
def regenerate(agent_id: str) -> BaseResponse:
    """Make an agent's portrait anew and tell every page; forms are led back to its own."""
    sitter = _sitter(agent_id)
    _studio().make(sitter, tell=True)
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
        return redirect(url_for("pages.agent", agent_id=agent_id), 303)
    name = _sitter(agent_id).file
    return as_json({"id": agent_id, "avatarUrl": url_for("avatars.file", name=name)})


def _drawn_here(stem: str, name: str) -> tuple[bytes, bool]:
    with querying() as conn:
        sitter = portraits.of_file(conn, stem)
    if sitter is None:
        raise NotFoundError("There is no such portrait.")
    files = studio.drawn(sitter)
    if name in files:
        _folder().write(files)
        return files[name], True
    # Another's picture, or an older one: the studio's stands in, and nobody may remember it.
    extension = name.rpartition(".")[2]
    return next(data for one, data in files.items() if one.endswith(extension)), False


def _sitter(agent_id: str) -> Sitter:
    if is_id(agent_id):
        with querying() as conn:
            found = portraits.sitters(conn, [agent_id])
        if found:
            return found[0]
    raise NotFoundError(f"There is no agent {clean(agent_id, 60)!r}.")


def _folder() -> Folder:
    return Folder(current_app.extensions["palais.settings"].data_dir)


def _studio() -> Studio:
    return Studio(db.engine, _folder())
