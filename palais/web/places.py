"""Where to go on after a form: only to a place of our own."""

import re
from typing import Final
from urllib.parse import quote

from flask import request, url_for

LONGEST: Final = 2_000
PATH: Final = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f-\xa0]*")
"""Begins with one slash; no backslash and no control character, which browsers read otherwise."""

UNQUOTED: Final = "/:@!$&'()*+,;=~-._"


def here() -> str:
    """Return the address of this request, as a path of this host."""
    path = quote(request.script_root + request.path, safe=UNQUOTED)
    query = quote(request.query_string, safe=f"{UNQUOTED}?%")
    return f"{path}?{query}" if query else path


def local(place: str) -> str:
    """Return the place if it is a page of ours, else the first page.

    The login itself is none: it would lead here again.
    """
    path = place.partition("?")[0].partition("#")[0]
    if path.rstrip("/") == url_for("login.form"):
        return url_for("pages.agents")
    return back(place)


def back(place: str) -> str:
    """Return the place that a form was sent from, the login too, if it is ours; else the first."""
    ours = len(place) <= LONGEST and PATH.fullmatch(place)
    return place if ours else url_for("pages.agents")
