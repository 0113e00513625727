"""What a request says of an agent in its operator's words, checked before anything is written."""

from collections.abc import Mapping
from typing import Any

from flask import Request

from palais.domain.text import clean, is_plain
from palais.errors import BadRequestError
from palais.store.edits import LIMITS


def words_of_json(request: Request) -> dict[str, str]:
    """Return the words of a JSON body; raise BadRequestError on anything but ``{name: text}``."""
    if not request.is_json:
        raise BadRequestError("Send a JSON object, as Content-Type: application/json.")
    try:
        body: Any = request.get_json(silent=True)
    except RecursionError:  # brackets in brackets, thousands deep
        body = None
    if not isinstance(body, dict):
        raise BadRequestError("The body must be a JSON object.")
    if unknown := sorted(set(body) - set(LIMITS)):
        named = ", ".join(clean(name, 40) or "?" for name in unknown[:3])
        raise BadRequestError(
            f"Unknown field: {named}. Only {' and '.join(LIMITS)} can be changed."
        )
    if not body:
        raise BadRequestError(f"Nothing to change: give {' or '.join(LIMITS)}.")
    return checked(body)


def words_of_form(form: Mapping[str, str]) -> dict[str, str]:
    """Return the words of a form, line breaks as spaces; raise BadRequestError on bad ones."""
    given = {name: " ".join(form[name].split()) for name in LIMITS if name in form}
    if not given:
        raise BadRequestError(f"Nothing to change: give {' or '.join(LIMITS)}.")
    return checked(given)


def checked(words: Mapping[str, Any]) -> dict[str, str]:
    """Return words fit to be kept, without blanks around them; raise BadRequestError on others."""
    for name, text in words.items():
        if not isinstance(text, str):
            raise BadRequestError(f"{name} must be a text.")
        if not is_plain(text):
            raise BadRequestError(
                f"{name} holds a line break, control or invisible character, or too many marks."
            )
        if len(text.strip()) > LIMITS[name]:
            raise BadRequestError(f"{name} has more than {LIMITS[name]} characters.")
    return {name: clean(text, LIMITS[name]) for name, text in words.items()}
