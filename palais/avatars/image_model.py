"""Portraits by an image model: any endpoint that speaks as OpenAI's ``/images/generations`` does.

Source of the request's and the answer's shape: OpenAI API reference, "Create image".
"""

import base64
import binascii
import http.client
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

from palais.avatars import fetch, picture
from palais.errors import PictureError
from palais.store.portraits import Sitter

log = logging.getLogger(__name__)

SIZE: Final = "1024x1024"
STYLE: Final = (
    "A regal portrait bust in the spirit of Afrofuturist art: a ceremonial metal mask with its own "
    "headdress, one strong silhouette, seen from the front, centred, on a near-black ground "
    "(#0A0A0F) with a faint hexagon or Kuba cloth pattern. Burnished gold, engraved scarification "
    "and thin circuit lines, one light from the upper left. No text, no frame, no emoji, no "
    "likeness of a real person or of a character from a film or comic."
)
ATTEMPTS: Final = 4
TIMEOUT_SECONDS: Final = 120.0
MAX_WAIT_SECONDS: Final = 60.0
MAX_ANSWER: Final = 24 * 2**20


@dataclass(frozen=True, slots=True)
class ImageModel:
    """An endpoint for images. ``url`` ends before ``/images/generations``."""

    url: str
    key: str | None = field(repr=False)
    model: str
    timeout: float = TIMEOUT_SECONDS
    sleep: Callable[[float], object] = time.sleep
    fetched: Callable[[str], bytes] = fetch.fetched

    def paint(self, sitter: Sitter) -> dict[str, bytes]:
        """Return the files of a portrait by the model, by name.

        Raises PictureError, saying why, where there is none after ATTEMPTS.
        """
        answer, headers = self._answer(prompt(sitter))
        _log_cost(sitter, self.model, answer, headers)
        return picture.repainted(self._picture(answer))

    def _answer(self, words: str) -> tuple[dict[str, Any], Mapping[str, str]]:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                status, headers, body = self._post(words)
            except (OSError, http.client.HTTPException) as error:
                status, headers, body = 0, {}, b""
                why = f"The image endpoint does not answer ({error or type(error).__name__})."
            else:
                if status == 200:
                    return _json(body), headers
                why = f"The image endpoint answered {status}{_said(body)}."
                if status != 429 and status < 500:
                    break
            if attempt < ATTEMPTS:
                self.sleep(_wait(headers, attempt))
        raise PictureError(why)

    def _post(self, words: str) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else _Plain
        connection = kind(parts.hostname or "", parts.port, timeout=self.timeout)
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        asked = {"model": self.model, "prompt": words, "n": 1, "size": SIZE}
        deadline = time.monotonic() + self.timeout
        try:
            path = f"{parts.path.removesuffix('/images/generations')}/images/generations"
            connection.request("POST", path, json.dumps(asked), headers)
            response = connection.getresponse()
            body = _body(response, deadline)
            return response.status, {k.lower(): v for k, v in response.getheaders()}, body
        finally:
            connection.close()

    def _picture(self, answer: dict[str, Any]) -> bytes:
        data = answer.get("data")
        first = data[0] if isinstance(data, list) and data else None
        if isinstance(first, dict) and isinstance(first.get("b64_json"), str):
            try:
                return base64.b64decode(first["b64_json"], validate=True)
            except (binascii.Error, ValueError):
                raise PictureError("The image endpoint's picture is no base64.") from None
        if isinstance(first, dict) and isinstance(first.get("url"), str):
            return self.fetched(first["url"])
        raise PictureError("The image endpoint's answer holds no picture.")


_Plain = http.client.HTTPConnection


def prompt(sitter: Sitter) -> str:
    """Return what the model is asked for: who the agent is, in the house's style."""
    persona = f", {sitter.persona}" if sitter.persona else ""
    return f"{STYLE} The mask stands for {sitter.name}{persona}."


def _body(response: http.client.HTTPResponse, deadline: float) -> bytes:
    body = bytearray()
    while chunk := response.read1(fetch.CHUNK):
        body += chunk
        if len(body) > MAX_ANSWER:
            raise PictureError("The image endpoint's answer is too large.")
        if time.monotonic() > deadline:
            raise TimeoutError("it took too long")
    return bytes(body)


def _json(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise PictureError("The image endpoint's answer is no JSON object.")
    return answer


def _said(body: bytes) -> str:
    try:
        message = json.loads(body)["error"]["message"]
    except (ValueError, KeyError, TypeError):
        return ""
    return f": {' '.join(str(message).split())[:200]}"


def _wait(headers: Mapping[str, str], attempt: int) -> float:
    """Return the seconds until the next attempt: what Retry-After asks, else 1, 2, 4 (RFC 9110)."""
    told = headers.get("retry-after", "")
    try:
        seconds = float(told) if told else 2.0 ** (attempt - 1)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(told).timestamp() - time.time()
        except ValueError:
            seconds = 2.0 ** (attempt - 1)
    return min(max(seconds, 0.0), MAX_WAIT_SECONDS)


def _log_cost(
    sitter: Sitter, model: str, answer: dict[str, Any], headers: Mapping[str, str]
) -> None:
    usage = answer.get("usage")
    tokens = usage.get("total_tokens") if isinstance(usage, dict) else None
    cost = headers.get("x-litellm-response-cost")
    if tokens is not None or cost is not None:
        log.info("portrait of %s by %s: %s tokens, %s USD", sitter.id, model, tokens, cost)
