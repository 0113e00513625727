"""The ten agents of the demo gateway."""

from dataclasses import dataclass
from typing import Any

from palais.demo.models import GEMINI, GPT, GPT_MINI, HAIKU, OPUS, SONNET, Model


@dataclass(frozen=True, slots=True)
class Agent:
    """One agent, as the gateway's configuration describes it."""

    id: str
    name: str
    theme: str
    emoji: str
    model: Model

    @property
    def main_key(self) -> str:
        """The key of its main conversation."""
        return f"agent:{self.id}:main"

    @property
    def workspace(self) -> str:
        """The folder its commands run in."""
        return f"/srv/openclaw/ws/{self.id}"


ROSTER = (
    Agent("concierge", "Mobutoo", "chef d'orchestre", "🎼", OPUS),
    Agent("artist", "Basquiat", "directeur artistique", "🎨", GEMINI),
    Agent("builder", "Imhotep", "architecte et ingénieur", "📐", SONNET),
    Agent("cfo", "CFO", "finances", "🧮", GPT),
    Agent("explorer", "R2D2", "explorateur", "🔭", GEMINI),
    Agent("maintainer", "Maintainer", "DevOps", "🔧", SONNET),
    Agent("marketer", "Marketer", "growth", "📈", GPT_MINI),
    Agent("messenger", "Hermes", "pont entre systèmes", "🕊️", HAIKU),
    Agent("tutor", "Piccolo", "tuteur", "🎓", HAIKU),
    Agent("writer", "Thot", "scribe", "📜", SONNET),
)
AGENTS = {agent.id: agent for agent in ROSTER}
DEFAULT = ROSTER[0]


def agents_list() -> dict[str, Any]:
    """Answer ``agents.list``: the default agent first, the others by id."""
    return {
        "defaultId": DEFAULT.id,
        "ownership": "explicit",
        "selectionRequired": False,
        "mainKey": "main",
        "scope": "per-sender",
        "agents": [_entry(agent) for agent in ROSTER],
    }


def _entry(agent: Agent) -> dict[str, Any]:
    return {
        "id": agent.id,
        "name": agent.name,
        "identity": {"name": agent.name, "theme": agent.theme, "emoji": agent.emoji},
        "workspace": agent.workspace,
        "workspaceGit": False,
        "agentRuntime": {"id": "auto", "source": "implicit"},
        "thinkingDefault": "off",
        "model": {"primary": agent.model.id},
        "utilityModel": HAIKU.id,
        "defaultPermissionMode": "full",
    }
