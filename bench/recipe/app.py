"""The usual Flask recipe: a queue a client, ``json.dumps`` a client, a commit an event.

Like Palais it commits an event before any client sees it.
"""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from queue import Queue
from typing import Any

import gevent
import websocket
from flask import Flask, Response, jsonify
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
db = SQLAlchemy(app)
clients: set["Queue[dict[str, Any]]"] = set()


class Agent(db.Model):  # type: ignore[name-defined, misc]
    """An agent and what it does now."""

    __tablename__ = "agents"
    id = db.Column(db.Text, primary_key=True)
    name = db.Column(db.Text, nullable=False)
    status = db.Column(db.Text, nullable=False, default="offline")
    task = db.Column(db.Text)
    last_seen_at = db.Column(db.DateTime(timezone=True))


class Activity(db.Model):  # type: ignore[name-defined, misc]
    """One line of history."""

    __tablename__ = "activity_log"
    id = db.Column(db.BigInteger, primary_key=True)
    at = db.Column(db.DateTime(timezone=True), nullable=False)
    agent_id = db.Column(db.Text)
    type = db.Column(db.Text, nullable=False)
    data = db.Column(db.JSON, nullable=False)


@app.get("/api/v1/agents")
def agents() -> Response:
    """List all agents."""
    rows = db.session.execute(db.select(Agent).order_by(Agent.name, Agent.id)).scalars()
    names = [column.name for column in Agent.__table__.columns]
    return jsonify([{name: getattr(row, name) for name in names} for row in rows])


@app.get("/api/sse")
def sse() -> Response:
    """Stream events to one client."""
    mine: Queue[dict[str, Any]] = Queue()
    clients.add(mine)

    def stream() -> Iterator[str]:
        try:
            yield "event: connected\ndata: {}\n\n"
            while True:
                yield f"event: agent\ndata: {json.dumps(mine.get())}\n\n"
        finally:
            clients.discard(mine)

    return Response(stream(), mimetype="text/event-stream")


def record(event: dict[str, Any]) -> None:
    """Commit one event."""
    now = datetime.now(UTC)
    agent = db.session.get(Agent, event["agentId"])
    if event["type"] == "agent.registered":
        agent = agent or Agent(id=event["agentId"])
        agent.name = event["name"]
        db.session.add(agent)
    elif agent is not None:
        agent.status = event.get("status") or agent.status
        agent.task = event.get("task") or agent.task
        agent.last_seen_at = now
        db.session.add(Activity(at=now, agent_id=agent.id, type=event["type"], data=event))
    db.session.commit()


def listen() -> None:
    """Follow the gateway for ever."""
    while True:
        try:
            gateway = websocket.create_connection(os.environ["OPENCLAW_WS_URL"])
            while text := gateway.recv():
                take(json.loads(text))
        except (websocket.WebSocketException, OSError) as error:
            app.logger.warning("gateway: %s", error)
        gevent.sleep(1)


def take(event: dict[str, Any]) -> None:
    """Record an event, then hand it to every client."""
    with app.app_context():
        try:
            record(event)
        except Exception as error:
            db.session.rollback()
            app.logger.warning("event lost: %s", error)
            return
    for client in tuple(clients):
        client.put(event)
