"""An image model that behaves, stalls, lies, is busy, and talks junk."""

import base64
import io
import json
import logging
from collections.abc import Iterator
from itertools import count

import pytest
from PIL import Image

from palais.avatars.image_model import ATTEMPTS, ImageModel, prompt
from palais.errors import PictureError
from palais.store.portraits import Sitter
from tests.avatars.servers import Answer, Plan, serving

SITTER = Sitter("builder", "Imhotep", "Architecte")
JSON = {"Content-Type": "application/json"}


def picture() -> str:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), "#D4A843").save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


def answer(**body: object) -> Answer:
    return 200, JSON, json.dumps(body).encode()


GOOD = answer(data=[{"b64_json": picture()}], usage={"total_tokens": 1234})


class Model:
    """A model behind a server that follows a plan; notes how long it was waited for."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.waits: list[float] = []
        self.asked: list[tuple[str, object]] = []

    def paint(self, timeout: float = 5.0) -> dict[str, bytes]:
        def noted(path: str, body: bytes) -> Answer | None:
            self.asked.append((path, json.loads(body)))
            return self.plan(path, body)

        with serving(noted) as port:
            url = f"http://127.0.0.1:{port}/v1"
            model = ImageModel(url, "k3y", "m1", timeout, self.waits.append)
            return model.paint(SITTER)


def in_turn(*answers: Answer | None) -> Plan:
    steps: Iterator[int] = count()
    return lambda _path, _body: answers[min(next(steps), len(answers) - 1)]


def test_a_model_that_behaves_gives_a_portrait_of_ours(
    palais_log: pytest.LogCaptureFixture,
) -> None:
    model = Model(in_turn(GOOD))

    files = model.paint()

    assert all(Image.open(io.BytesIO(data)).format in {"PNG", "WEBP"} for data in files.values())
    [(path, asked)] = model.asked
    assert path == "/v1/images/generations"
    assert asked == {"model": "m1", "prompt": prompt(SITTER), "n": 1, "size": "1024x1024"}
    assert "Imhotep, Architecte" in prompt(SITTER)
    assert "portrait of builder by m1: 1234 tokens" in palais_log.text
    assert "k3y" not in palais_log.text + repr(ImageModel("http://a", "k3y", "m1"))


def test_a_busy_model_is_asked_again_when_it_says() -> None:
    model = Model(in_turn((429, {"Retry-After": "7"}, b""), (503, {}, b""), GOOD))

    assert model.paint()
    assert model.waits == [7.0, 2.0]


def test_a_wait_of_hours_is_cut_short() -> None:
    model = Model(in_turn((429, {"Retry-After": "86400"}, b""), GOOD))

    assert model.paint()
    assert model.waits == [60.0]


def test_a_model_that_never_has_time_is_given_up() -> None:
    model = Model(in_turn((429, {}, b"")))

    with pytest.raises(PictureError, match="answered 429"):
        model.paint()
    assert len(model.asked) == ATTEMPTS
    assert model.waits == [1.0, 2.0, 4.0]


def test_a_refusal_is_said_and_not_repeated() -> None:
    said = json.dumps({"error": {"message": "no such\nmodel"}}).encode()
    model = Model(in_turn((400, JSON, said)))

    with pytest.raises(PictureError, match="answered 400: no such model"):
        model.paint()
    assert model.waits == []


def test_a_model_that_stalls_is_left() -> None:
    model = Model(in_turn(None))

    with pytest.raises(PictureError, match="does not answer"):
        model.paint()
    assert len(model.asked) == ATTEMPTS


@pytest.mark.parametrize(
    "lie",
    [
        (200, JSON, b"<html>"),
        (200, JSON, b"[]"),
        answer(data=[]),
        answer(data=[{"b64_json": "***"}]),
        answer(data=[{"b64_json": base64.b64encode(b"<svg onload=alert(1)>").decode()}]),
        answer(data=[{"url": "http://169.254.169.254/latest"}]),
        answer(data=[{"url": "https://127.0.0.1/a.png"}]),
        answer(data="x"),
    ],
)
def test_a_lie_is_no_portrait(lie: Answer) -> None:
    with pytest.raises(PictureError):
        Model(in_turn(lie)).paint()


def test_the_log_has_the_cost_where_the_answer_tells_it(
    palais_log: pytest.LogCaptureFixture,
) -> None:
    status, headers, body = GOOD
    palais_log.set_level(logging.INFO)

    Model(in_turn((status, {**headers, "x-litellm-response-cost": "0.04"}, body))).paint()

    assert "0.04 USD" in palais_log.text
