"""The trees that the recordings tell: a line a run, below it a line a step, deeper its children."""

from typing import Final

TREES: Final = {
    "02": """
        writer completed
          llm_call mock-large ok
        """,
    "03": """
        builder completed
          llm_call mock-large ok
            tool_call exec ok
          llm_call mock-large ok
        """,
    "03b": """
        explorer running
          llm_call attempt 9 error
        builder completed
          llm_call mock-large ok
            tool_call exec error
          llm_call mock-large ok
        builder completed
          llm_call mock-large ok
            tool_call read error
          llm_call mock-large ok
        """,
    "04": """
        builder completed
          llm_call mock-large ok
            tool_call exec ok
          llm_call mock-large ok
            tool_call exec ok
            tool_call read ok
          llm_call mock-large ok
        """,
    "05": """
        cfo completed
          llm_call mock-small ok
        tutor completed
          llm_call mock-large ok
        """,
    # What it had said is in a message of the gateway's own: no model call ended.
    "06": """
        artist aborted
        """,
    "07": """
        explorer failed
          llm_call mock-large error
        explorer failed
          llm_call mock-large error
        """,
    # Frames were left out of the recording between the sixth and the fifth attempt.
    "07b": """
        explorer running
          llm_call attempt 1 error
          llm_call attempt 2 error
          llm_call attempt 3 error
          llm_call attempt 4 error
          llm_call attempt 5 error
          llm_call attempt 6 error
        explorer running
          llm_call attempt 5 error
          llm_call attempt 6 error
          llm_call attempt 7 error
          llm_call attempt 8 error
        """,
    "07d": """
        tutor timeout
          llm_call mock-large error
        """,
    "08": """
        tutor completed
          llm_call mock-large ok
        """,
    "09": """
        concierge completed
          llm_call mock-large ok
            delegation sessions_spawn error
          llm_call mock-large ok
        """,
    "10": """
        maintainer completed
          llm_call mock-large ok
            tool_call exec ok
              decision approval ok
          llm_call mock-large ok
        """,
    "11": """
        marketer completed
          llm_call mock-large ok
            tool_call exec ok
          llm_call mock-large ok
        """,
    "12": """
        messenger completed
          llm_call mock-small ok
        """,
    # Without its subscription no message is told: whose the call is stays unknown.
    "13": """
        writer completed
          tool_call exec ok
        """,
    "13b": """
        writer completed
          llm_call mock-large ok
            tool_call exec ok
          llm_call mock-large ok
        """,
    # A channel's run that is not followed tells its messages, and nothing of its tools.
    "21a": """
        concierge completed
          llm_call mock-large ok
          llm_call mock-large ok
        """,
    "21b": """
        concierge completed
          llm_call mock-large ok
            tool_call exec ok
          llm_call mock-large ok
        """,
    # Protocol 3: the messages name no run.
    "22": """
        builder completed
          llm_call mock-large ok
            tool_call exec ok
          llm_call mock-large ok
        builder failed
          llm_call mock-large error
        artist running
        """,
    # The conversation is compacted after its runs: that belongs to none of them.
    "23": """
        writer completed
          llm_call mock-large ok
        writer completed
          llm_call mock-large ok
        """,
}
"""By the name of the recording, as it is when its last connection ends."""
