"""Writes what a gateway starts from: openclaw.json and one workspace for each agent."""

import json
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Agent:
    """One agent of the rig; `asks` makes a human approve each of its commands."""

    id: str
    name: str
    emoji: str
    model: str = "mock/mock-large"
    portrait: bool = True
    asks: bool = False


# explorer has a provider of its own, "flaky" (the same server): an HTTP 401 or 429 puts a whole
# provider in a cooldown of about a minute, so errors are provoked there only.
AGENTS = (
    Agent("concierge", "Concierge", "🛎️"),
    Agent("builder", "Builder", "🛠️"),
    Agent("writer", "Writer", "✍️"),
    Agent("artist", "Artist", "🎨"),
    Agent("tutor", "Tutor", "🎓"),
    Agent("explorer", "Explorer", "🧭", model="flaky/mock-flaky"),
    Agent("marketer", "Marketer", "📣"),
    Agent("cfo", "CFO", "💶", model="mock/mock-small"),
    Agent("maintainer", "Maintainer", "🔧", portrait=False, asks=True),
    Agent("messenger", "Messenger", "📨", model="mock/mock-small", portrait=False),
)
DEFAULTS: Json = {
    "skipBootstrap": True,
    "heartbeat": {"every": "0m"},
    "model": {"primary": "mock/mock-large"},
    "utilityModel": "mock/mock-small",
    "maxConcurrent": 4,
}
UNPRICED = "mock-unpriced"
"""A model that nobody configured a price for."""

# Dollars a million tokens.
PRICES: dict[str, Json] = {
    "mock-large": {"input": 3, "output": 15, "cacheRead": 0.3, "cacheWrite": 3.75},
    "mock-small": {"input": 0.25, "output": 1.25, "cacheRead": 0.03, "cacheWrite": 0.3},
    "mock-flaky": {"input": 1, "output": 2, "cacheRead": 0, "cacheWrite": 0},
}


def write_state(
    folder: Path,
    *,
    port: int,
    llm_port: int,
    token: str,
    agents: Sequence[Agent] = AGENTS,
    telegram_port: int | None = None,
) -> Path:
    """Write everything below `folder` and give back the path of openclaw.json."""
    entries = {agent.id: write_agent(folder / "ws" / agent.id, agent) for agent in agents}
    if "concierge" in entries:
        entries["concierge"]["subagents"] = {"allowAgents": ["*"]}
    first = "concierge" if "concierge" in entries else agents[0].id
    config: Json = {
        "gateway": {
            "mode": "local",
            "port": port,
            "bind": "loopback",
            "auth": {"mode": "token", "token": token},
            "controlUi": {"enabled": False},
            "terminal": {"enabled": False},
        },
        "agents": {
            "ownership": "explicit",
            "entries": entries,
            "defaults": {**DEFAULTS, "systemAgent": {"agentId": first}},
        },
        "models": models(llm_port),
        # No housekeeping: on a busy machine it holds a lock for longer than a run waits for it.
        "session": {"maintenance": {"mode": "warn"}},
        "update": {"checkOnStart": False},
        "discovery": {"mdns": {"mode": "off"}},
        "logging": {"level": "info", "file": str(folder / "openclaw.log")},
    }
    if telegram_port:
        config |= telegram(telegram_port, first)
    path = folder / "openclaw" / "openclaw.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(config, indent=1, ensure_ascii=False))
    return path


def write_agent(workspace: Path, agent: Agent) -> Json:
    """Write one workspace and give back the agent's entry in the configuration."""
    (workspace / "avatars").mkdir(parents=True, exist_ok=True)
    (workspace / "AGENTS.md").write_text(f"# {agent.name}\nYou are {agent.name}.\n")
    identity = {"name": agent.name, "emoji": agent.emoji, "theme": f"calm {agent.id}"}
    if agent.portrait:
        (workspace / "avatars" / "me.png").write_bytes(png(zlib.crc32(agent.id.encode())))
        identity["avatar"] = "avatars/me.png"
    entry: Json = {
        "name": agent.name,
        "workspace": str(workspace),
        "identity": identity,
        "model": agent.model,
    }
    if agent.asks:
        entry["tools"] = {"exec": {"mode": "ask"}}
    return entry


def models(port: int) -> Json:
    """Describe the mock server as two providers."""

    def provider(key: str, *names: str) -> Json:
        return {
            "baseUrl": f"http://127.0.0.1:{port}/v1",
            "api": "openai-completions",
            "timeoutSeconds": 120,
            "apiKey": key,
            "models": [
                {
                    "id": name,
                    "name": name.replace("-", " ").title(),
                    "reasoning": False,
                    "input": ["text"],
                    "contextWindow": 128000,
                    "maxTokens": 8192,
                    **({"cost": PRICES[name]} if name in PRICES else {}),
                    "compat": {"supportsUsageInStreaming": True},
                }
                for name in names
            ],
        }

    return {
        "mode": "replace",
        "catalogRefresh": {"enabled": False},
        "providers": {
            "mock": provider("mock-local", "mock-large", "mock-small", UNPRICED),
            "flaky": provider("mock-local-2", "mock-flaky"),
        },
    }


def telegram(port: int, agent_id: str) -> Json:
    """Describe a Telegram channel whose Bot API is the fake one, bound to one agent."""
    channel = {
        "enabled": True,
        "botToken": "999:" + "A" * 35,
        "apiRoot": f"http://127.0.0.1:{port}",
        "dmPolicy": "open",
        "allowFrom": ["*"],
    }
    return {
        "channels": {"telegram": channel},
        "bindings": [{"agentId": agent_id, "match": {"channel": "telegram"}}],
    }


def png(colour: int, size: int = 32) -> bytes:
    """Draw a square of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    rows = b"".join(b"\0" + (colour & 0xFFFFFF).to_bytes(3, "big") * size for _ in range(size))
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    parts = (b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in parts)
