"""What a hostile agent says, wherever it may say something."""

from typing import Any, Final

PWNED: Final = "window.__pwned=1"
HUGE: Final = 10_000_000

MARKUP: Final = [
    f"<script>{PWNED}</script>",
    f"</script><script>{PWNED}</script>",
    f"<!--<script>{PWNED}//",
    f'"><img src=x onerror="{PWNED}">',
    f"' onmouseover='{PWNED}' autofocus onfocus='{PWNED}' x='",
    f"<svg/onload={PWNED}><title>",
    f"javascript:{PWNED}",
    f"data:text/html,<script>{PWNED}</script>",
    "</textarea></title></template><base href=//evil.example/>",
    "{{ 7*7 }}{% include '/etc/passwd' %}{name}{0.__class__}%(name)s%s${1}$&$1",
]
MARKS: Final = [
    "\u202egnp.exe\u2066\u2069\u202a",
    "שלום עולם",
    "zero\u200bwidth\ufeff\u2060",
    "\x00\x07\x1b[2J\x1b]0;gone\x07\x9b31m\x7f",
    "one\ntwo\r\nid: k3f9.99\nevent: reset\ndata: {}\n\n\u2028three\u2029",
    "lone\ud800surrogate\udfff",
    "Z" + "\u0301\u0320\u0353\u20dd" * 1_250,
    "\u3164\u200d\ufe0f\u2800",
    '"} 1\npalais_agent_status{agent="x',
]
LONG: Final = ["W" * 100_000, "𒐫" * 100_000, "x\u00ad" * 50_000]
HOSTILE: Final = [*MARKUP, *MARKS, *LONG]

PICTURES: Final = [
    f"javascript:{PWNED}",
    "data:text/html;base64,PHNjcmlwdD4=",
    "//evil.example/x.png",
    "https://evil.example/x.png",
    f"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='{PWNED}'/>",
    f'data:image/png;base64,x" onerror="{PWNED}',
    "file:///etc/passwd",
    "/logout",
]
"""Where an agent's picture might be."""

NAMED_LIKE_PROPERTIES: Final = ["constructor", "hasOwnProperty", "toString", "valueOf"]
"""Ids that are good ones, and mean something to a script."""

NO_IDS: Final = [
    *("__proto__", "..", ".", "../x", "%2e%2e", "a/b", "", " ", "a\\b", "a?b", "a#b"),
    *("\u202ea", "a\x00", "<b>", "x" * 129),
]


def agent(agent_id: str, said: str, **more: Any) -> dict[str, Any]:
    """Return a frame in which an agent says this wherever it can."""
    words = dict.fromkeys(("name", "persona", "bio", "model", "emoji"), said)
    return {"type": "agent.registered", "agentId": agent_id, **words, **more}


def life(agent_id: str, run_id: str, said: str) -> list[dict[str, Any]]:
    """Return the frames of a run that says this wherever it can, and goes on."""
    of = {"agentId": agent_id, "sessionId": run_id}
    span = {"id": said, "type": "tool_call", "name": said, "input": {said: said}}
    return [
        {"type": "session.started", **of, "taskId": said, "task": said, "model": said},
        {"type": "span.started", **of, "span": {**span, "parentId": said}},
        {"type": "span.completed", **of, "span": {**span, "output": said, "error": said}},
        {"type": "agent.status", **of, "status": "busy", "taskId": said, "task": said},
    ]


def end(agent_id: str, run_id: str, said: str, **more: Any) -> dict[str, Any]:
    """Return the frame that ends it."""
    of = {"type": "session.completed", "agentId": agent_id, "sessionId": run_id}
    return {**of, "status": "failed", "summary": said, "error": said, "model": said, **more}
