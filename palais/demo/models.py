"""The language models of the demo and their prices, so that every call has an honest cost."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Tokens:
    """What one model call consumed; ``input`` excludes what came from the cache."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0


@dataclass(frozen=True, slots=True)
class Model:
    """A model of a provider, with its prices in USD per million tokens."""

    provider: str
    name: str
    api: str
    input: float
    output: float
    cache_read: float
    cache_write: float
    window: int = 200_000

    @property
    def id(self) -> str:
        """The name OpenClaw uses, ``provider/model``."""
        return f"{self.provider}/{self.name}"

    def usage(self, tokens: Tokens) -> dict[str, Any]:
        """Tokens and cost, as a message of the transcript carries them."""
        cost = {
            "input": tokens.input * self.input / 1e6,
            "output": tokens.output * self.output / 1e6,
            "cacheRead": tokens.cache_read * self.cache_read / 1e6,
            "cacheWrite": tokens.cache_write * self.cache_write / 1e6,
        }
        total = tokens.input + tokens.output + tokens.cache_read + tokens.cache_write
        return {
            "input": tokens.input,
            "output": tokens.output,
            "totalTokens": total,
            "cacheRead": tokens.cache_read,
            "cacheWrite": tokens.cache_write,
            "cost": {**cost, "total": sum(cost.values())},
        }


OPUS = Model("anthropic", "claude-opus-4-1", "anthropic-messages", 15, 75, 1.5, 18.75)
SONNET = Model("anthropic", "claude-sonnet-4-5", "anthropic-messages", 3, 15, 0.3, 3.75)
HAIKU = Model("anthropic", "claude-haiku-4-5", "anthropic-messages", 1, 5, 0.1, 1.25)
GPT = Model("openai", "gpt-5", "openai-responses", 1.25, 10, 0.125, 0, window=400_000)
GPT_MINI = Model("openai", "gpt-5-mini", "openai-responses", 0.25, 2, 0.025, 0, window=400_000)
GEMINI = Model(
    "google", "gemini-2.5-pro", "google-generative-ai", 1.25, 10, 0.31, 0, window=1_000_000
)
