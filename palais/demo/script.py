"""Writing one run: a task becomes steps with plausible pauses, lengths and token counts."""

import random
from collections.abc import Sequence

from palais.demo.faults import FAULTS, SERVER_ERROR
from palais.demo.models import Tokens
from palais.demo.roster import AGENTS
from palais.demo.steps import (
    Aborted,
    Accepted,
    Answered,
    ApprovalAsked,
    ApprovalGranted,
    AttemptFailed,
    Completed,
    Delta,
    Failed,
    Fault,
    Invocation,
    ModelCalled,
    Retried,
    Run,
    Scenario,
    Started,
    Step,
    TimedOut,
    ToolEnded,
    ToolPrinted,
    ToolStarted,
)
from palais.demo.tools import Call, Task, typeset

SHORTEST, LONGEST = 4.0, 40.0
INTENTIONS = {
    "exec": ("Je lance la commande.", "Vérifions sur pièce.", "Je mesure avant de conclure."),
    "read": ("Je lis d’abord le fichier.", "Voyons ce qui est écrit."),
    "write": ("Je l’écris.", "Je mets cela au propre."),
    "web_search": ("Je cherche des sources.", "Voyons ce qui existe."),
    "web_fetch": ("Je consulte la page.",),
    "browser": ("Je vais voir sur place.",),
    "memory_search": ("Je cherche dans ma mémoire.", "Qu’avions-nous décidé ?"),
    "image_generate": ("Je fais un essai.",),
    "message": ("Je préviens les intéressés.",),
    "sessions_spawn": ("Je confie cette partie à plus compétent.",),
}


def write_run(rng: random.Random, agent_id: str, task: Task, scenario: Scenario) -> Run:
    """Write the run of this task, ending as the scenario says."""
    script = _Script(rng, agent_id)
    script.open()
    answers = _answers(rng, task.calls)
    if scenario in {"completed", "approval"}:
        script.complete(answers, task.answer, ask_human=scenario == "approval")
    else:
        done = rng.randint(0, min(1, len(answers)))
        for calls in answers[:done]:
            script.use(calls)
        if scenario == "aborted" and answers[done:] and rng.random() < 0.5:
            script.abort_amid(answers[done])
        else:
            script.break_off(scenario, task.answer)
    return Run(agent_id, task.ask, _paced(script.steps), script.children)


def _answers(rng: random.Random, calls: Sequence[Call]) -> list[tuple[Call, ...]]:
    """Group the calls by model answer; now and then two readings go out in one answer."""
    groups: list[tuple[Call, ...]] = []
    for call in calls:
        together = groups and call.name == "read" and groups[-1][0].name == "memory_search"
        if together and rng.random() < 0.5:
            groups[-1] = (*groups[-1], call)
        else:
            groups.append((call,))
    return groups


def _paced(steps: list[tuple[float, Step]]) -> tuple[tuple[float, Step], ...]:
    """Stretch or squeeze a run that would be too short or too long to watch."""
    length = steps[-1][0]
    factor = min(max(length, SHORTEST), LONGEST) / length
    return tuple((round(at * factor, 3), step) for at, step in steps)


class _Script:
    """The pen: a position in time, the steps so far and the growing context of the model."""

    def __init__(self, rng: random.Random, agent_id: str) -> None:
        self.rng = rng
        self.agent_id = agent_id
        self.steps: list[tuple[float, Step]] = []
        self.children: dict[str, Run] = {}
        self.at = 0.0
        self.answers = 0
        self.context = rng.randint(9_000, 24_000)

    def add(self, step: Step, low: float = 0.0, high: float = 0.0) -> None:
        self.at += self.rng.uniform(low, high)
        self.steps.append((self.at, step))

    def open(self) -> None:
        self.add(Accepted())
        self.add(Started(), 0.3, 1.0)

    def complete(self, answers: list[tuple[Call, ...]], text: str, *, ask_human: bool) -> None:
        if self.rng.random() < 0.05:
            self.add(ModelCalled(), 0.1, 0.3)
            self.stumble(SERVER_ERROR, 1)
        for calls in answers:
            human = ask_human and any(call.exit_code is not None for call in calls)
            self.use(calls, ask_human=human)
            ask_human = ask_human and not human
        self.think()
        self.say(text)
        self.answer(text, ())
        self.add(Completed(), 0.05, 0.15)

    def break_off(self, scenario: Scenario, text: str) -> None:
        """End badly, in the middle of the answer."""
        if scenario == "failed":
            self.add(ModelCalled(), 0.1, 0.3)
            fault = self.rng.choice(FAULTS)
            self.stumble(fault, fault.retries)
            self.add(Failed(fault), 0.2, 0.6)
            return
        self.think()
        self.say(text[: len(text) * 2 // 5])
        if scenario == "aborted":
            self.add(Aborted(), 0.5, 2.0)
        else:
            self.add(TimedOut(), 7.0, 12.0)

    def abort_amid(self, calls: tuple[Call, ...]) -> None:
        """Be stopped while tools still run: nobody will see them end."""
        self.ask(calls)
        self.add(Aborted(), 0.5, 2.0)

    def stumble(self, fault: Fault, times: int) -> None:
        """Let the provider refuse that often; each time the gateway comes back."""
        for attempt in range(1, times + 1):
            delay = self.rng.uniform(1.0, 1.6) * attempt
            self.add(AttemptFailed(fault, attempt, delay), 0.2, 0.5)
            self.add(Retried(), delay, delay)
            self.add(ModelCalled(), 0.05, 0.1)

    def use(self, calls: tuple[Call, ...], *, ask_human: bool = False) -> None:
        """Have the model ask for these calls, and run them."""
        for invocation in self.ask(calls):
            self.finish(invocation, ask_human=ask_human)

    def ask(self, calls: tuple[Call, ...]) -> tuple[Invocation, ...]:
        """Have the model ask for these calls, and begin them."""
        self.think()
        intention = ""
        if self.rng.random() < 0.6:
            intention = typeset(self.rng.choice(INTENTIONS[calls[0].name]))
            self.say(intention)
        self.answers += 1
        invocations = tuple(
            Invocation(f"{self.answers}_{rank}", call) for rank, call in enumerate(calls)
        )
        self.answer(intention, invocations)
        for invocation in invocations:
            self.add(ToolStarted(invocation), 0.01, 0.05)
        return invocations

    def finish(self, invocation: Invocation, *, ask_human: bool) -> None:
        call = invocation.call
        if ask_human and call.exit_code is not None:
            self.add(ApprovalAsked(invocation), 0.02, 0.05)
            self.add(ApprovalGranted(invocation), 3.0, 8.0)
        lines = call.output.splitlines(keepends=True) if call.exit_code is not None else []
        pause = call.seconds * self.rng.uniform(0.7, 1.4) / (len(lines) + 1)
        for count in range(1, len(lines)):
            self.add(ToolPrinted(invocation, "".join(lines[:count])), pause, pause)
        self.add(ToolEnded(invocation), pause, pause * 2)
        if call.child:
            agent_id, task = call.child
            self.children[invocation.number] = write_run(self.rng, agent_id, task, "completed")

    def think(self) -> None:
        self.add(ModelCalled(), 0.1, 0.4)
        self.at += self.rng.uniform(0.7, 2.4)

    def say(self, text: str) -> None:
        """Stream the text a few words at a time."""
        words = text.split(" ")
        while words:
            count = self.rng.randint(3, 7)
            rest = words[count:]
            self.add(Delta(" ".join(words[:count]) + (" " if rest else "")), 0.1, 0.3)
            words = rest

    def answer(self, text: str, invocations: tuple[Invocation, ...]) -> None:
        """Close the model call with its bill; the context grows by what was said."""
        model = AGENTS[self.agent_id].model
        fresh = self.rng.randint(180, 1_400)
        output = len(text) // 3 + 45 * len(invocations) + self.rng.randint(40, 320)
        first = not any(isinstance(step, Answered) for _, step in self.steps)
        cold = self.context // 5 if first else 0
        written = cold if model.cache_write else 0
        tokens = Tokens(fresh + cold - written, output, self.context - cold, written)
        self.context += fresh + output
        self.add(Answered(tokens, invocations), 0.05, 0.2)
