// How an event is said; palais/web/words.py says it the same way.

import { money } from "./format.js";
import { say } from "./page.js";

const BUDGET = "budget.warning";
const SIGNALS = new Set(["waiting", "retrying"]);
const span = (data) => data.span ?? {};
const failed = (data) =>
  Boolean(span(data).error) || ["error", "failed"].includes(span(data).status);
const signal = (data) => (SIGNALS.has(data.activity) ? data.activity : null);

/** Whether an event is news for a person: not presence, progress, or what a session says. */
export function inFeed(data) {
  switch (data.type) {
    case "agent.status":
      return !(data.status === "busy" && signal(data) === null && data.sessionId);
    case "span.started":
    case "span.completed":
      if (span(data).type === "llm_call" || data.again) return false;
      return data.type === "span.started" || failed(data);
    default:
      return Boolean(data.type) && !["agent.presence", "session.updated"].includes(data.type);
  }
}

const TELLING = ["session.completed", "agent.registered"];
const told = new Map();

/** Whether a status goes without saying: another event of the same moment told of it. */
export function goesWithoutSaying(data) {
  if (TELLING.includes(data.type)) told.set(data.agentId, data.ts);
  return data.type === "agent.status" && told.get(data.agentId) === data.ts;
}

function keys(data) {
  const kind = data.type;
  if (kind.startsWith("span.")) {
    const step = `${kind}.${span(data).type}`;
    return [...(failed(data) ? [`${step}.error`, `${kind}.error`] : []), step, kind, "other"];
  }
  if (kind === "agent.status" && signal(data)) return [`${kind}.${signal(data)}`, kind, "other"];
  if (kind === BUDGET) {
    const whose = `${kind}.${data.agentId ? "agent" : "fleet"}.${data.period}`;
    return [exceeded(data) ? `${whose}.over` : whose, "other"];
  }
  if (data.edited) return [`${kind}.edited`, kind, "other"];
  return [`${kind}.${data.status}`, kind, "other"];
}

/** What the event did, as a verb after the agent's name. */
export function actionWord(data) {
  const share = say("percent", { n: data.threshold });
  const said = keys(data).map((key) => say(`action.${key}`, { share }));
  return said.find(Boolean) ?? "";
}

/** Whether a budget's warning says that all of it is spent. */
export const exceeded = (data) => data.type === BUDGET && data.threshold >= 100;

function spent({ spent: usd, amount, unpricedCalls: n }) {
  const said = say("budget.spent", { spent: money(usd), amount: money(amount) });
  return n ? `${said} · ${say("budget.unpriced", { n })}` : said;
}

/** What the event is about, in the agent's own words; often nothing. */
export function entity(data) {
  if (data.type.startsWith("span.")) {
    const { name = "", title } = span(data);
    if (!title) return name;
    return title.toLowerCase().startsWith(name.toLowerCase()) ? title : `${name} — ${title}`;
  }
  if (data.type === "agent.registered") return data.persona || "";
  if (data.type === BUDGET) return spent(data);
  if (data.type === "gap") return say(`gap.${data.reason}`) || data.reason || "";
  return data.error || data.summary || data.task || "";
}

/** The event's weight on the eye: start, good, bad, warn, gap or quiet. */
export function tone(data) {
  if (data.type === "gap") return "gap";
  if (data.type === "session.started") return "start";
  if (data.type === BUDGET) return exceeded(data) ? "bad" : "warn";
  if (["failed", "timeout", "error"].includes(data.status) || failed(data)) return "bad";
  if (["aborted", "lost"].includes(data.status) || signal(data)) return "warn";
  return data.type === "session.completed" ? "good" : "quiet";
}
