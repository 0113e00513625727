"""What a request says of an agent in its operator's words, checked before anything is written."""

from collections.abc import Mapping
from typing import Any

from flask import Request

from palais.domain.text import clean, is_plain
from palais.errors import BadRequestError
from palais.store.edits import LIMITS
from palais.web.request import json_object


def words_of_json(request: Request) -> dict[str, str]:
    """Return the words of a JSON body; raise BadRequestError on anything but ``{name: text}``."""
    body = json_object(request, LIMITS)
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
