"""The ways a provider refuses, with the words the real gateway uses for them."""

from palais.demo.steps import AttemptFailed, Fault

SERVER_ERROR = Fault(
    500,
    "server_error",
    "timeout",
    "⚠️ {model} request failed (provider internal error, HTTP 500). "
    "This is usually temporary — try again shortly.",
    retries=3,
)
RATE_LIMIT = Fault(
    429,
    "rate_limit",
    "rate_limit",
    "⚠️ {model} request failed (rate limited, HTTP 429). Retry-After: 20 seconds",
    retries=2,
)
BAD_REQUEST = Fault(
    400,
    "format",
    "schema",
    "LLM request failed: provider rejected the request schema or tool payload.",
    retries=0,
)
FAULTS = (SERVER_ERROR, RATE_LIMIT, BAD_REQUEST)
TIMEOUT = (
    "Request timed out before a response was generated. "
    "Please try again, or increase `agents.defaults.timeoutSeconds` in your config."
)
ABORT = "This operation was aborted"


def retry_notice(step: AttemptFailed) -> str:
    """Say what the gateway says between two attempts."""
    fault = step.fault
    if fault.status == 429:
        return f"Retrying… {step.attempt + 1}/{fault.retries + 1}"
    seconds = max(1, round(step.delay))
    return (
        f"Provider temporarily unavailable. Retrying in {seconds}s "
        f"({step.attempt}/{fault.retries})."
    )
