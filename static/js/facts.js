// Paints an agent's facts into whatever shows that agent: a card, or the agent's own page.

import { activityWord, count, initials, instant, modelName, money } from "./format.js";
import { quality, safeAvatar } from "./format.js";
import { say } from "./page.js";
import { setTime, write } from "./time.js";

const slot = (root, name) => root.querySelector(`[data-fact="${name}"]`);

function text(root, name, value) {
  const node = slot(root, name);
  if (node) write(node, value);
}

function paintPicture(root, url) {
  const picture = slot(root, "picture");
  const safe = safeAvatar(url);
  if (safe && picture.getAttribute("src") !== safe) picture.src = safe;
  picture.hidden = !safe;
  slot(root, "initials").hidden = Boolean(safe);
}

function paintModel(root, model) {
  const node = slot(root, "model");
  if (!node) return;
  text(root, "model", modelName(model));
  node.title = model ?? "";
}

function paintStatus(root, facts) {
  const changed = root.dataset.status !== facts.status;
  root.dataset.status = facts.status;
  text(root, "word", say(`status.${facts.status}`) || facts.status);
  const from = facts.statusSince ?? (changed ? facts.ts : undefined);
  if (from !== undefined) setTime(root.querySelector(".now [data-since]"), instant(from));
  if (facts.status !== "busy") paintActivity(root, null);
}

/** The tool that an activity names. */
const toolIn = (activity) => (activity?.startsWith("tool:") ? activity.slice(5) : undefined);

function paintActivity(root, activity) {
  const busy = root.dataset.status === "busy";
  const shown = busy ? activity : null;
  root.dataset.activity = shown ?? "";
  text(root, "activity", activityWord(shown));
  if (!busy) delete root.dataset.tool;
  text(root, "tool", toolIn(shown) === undefined ? (root.dataset.tool ?? "") : "");
}

const PAINTERS = {
  name(root, facts) {
    text(root, "name", facts.name);
    text(root, "initials", initials(facts.name));
  },
  persona: (root, facts) => text(root, "persona", facts.persona ?? ""),
  bio: (root, facts) => text(root, "bio", facts.bio ?? ""),
  avatarUrl: (root, facts) => paintPicture(root, facts.avatarUrl),
  model: (root, facts) => paintModel(root, facts.model),
  status: paintStatus,
  tool(root, facts) {
    root.dataset.tool = facts.tool;
  },
  activity: (root, facts) => paintActivity(root, facts.activity),
  task(root, facts) {
    const busy = root.dataset.status === "busy";
    text(root, "task", (busy && facts.task) || say(`now.${root.dataset.status}`));
  },
  observed(root, facts) {
    root.dataset.observed = String(facts.observed);
  },
  last: (root, facts) => text(root, "last", facts.last),
  seen(root, facts) {
    setTime(root.querySelector('[data-fact="seen"] time'), instant(facts.seen));
  },
  tokens30d: (root, facts) => text(root, "tokens", count(facts.tokens30d)),
  cost30d: (root, facts) => text(root, "cost", money(facts.cost30d)),
  unpricedCalls30d(root, { unpricedCalls30d: n }) {
    const node = slot(root, "cost");
    if (node) node.title = n ? `+ ${say("budget.unpriced", { n })}` : "";
  },
  avgQuality(root, facts) {
    text(root, "quality", quality(facts.avgQuality));
    const why = slot(root, "unrated");
    if (why) why.hidden = facts.avgQuality !== null;
  },
};

/** Write these facts, and only these, in an order that lets each rely on the ones before. */
export function paint(root, facts) {
  for (const [name, painter] of Object.entries(PAINTERS)) {
    if (facts[name] !== undefined) painter(root, facts);
  }
}

/** What it does, and with which tool: that one stays known when it goes on to something else. */
function doing(activity) {
  const tool = toolIn(activity);
  return tool === undefined ? { activity: activity ?? null } : { activity, tool };
}

/** What an event says of its agent. */
export function factsOf(data) {
  const { status, activity, task, ts } = data;
  switch (data.type) {
    case "agent.status":
      return { status, ...doing(activity), task: task ?? "", ts, seen: ts };
    case "agent.presence":
      return { ...doing(activity), seen: ts };
    case "agent.registered": {
      const { name, persona, bio, model, avatarUrl } = data;
      return { name, persona, bio, model, avatarUrl, seen: ts };
    }
    case "session.completed":
      return { seen: ts, last: data.error || data.summary || data.task || undefined };
    case "budget.warning":
      return {}; // no sign of life: we say so, not the agent
    default:
      return { seen: ts };
  }
}

/** The facts of an agent as the API gives them. */
export function factsFromApi(agent) {
  const { currentTask, lastSeenAt, statusObserved, ...rest } = agent;
  return { ...rest, task: currentTask ?? "", seen: lastSeenAt, observed: statusObserved };
}

/** Of the API's facts, those that no event carries: the rest is the stream's to say. */
export function slowFacts(agent) {
  const { name, persona, bio, model, avatarUrl } = agent;
  const { tokens30d, cost30d, unpricedCalls30d, avgQuality } = agent;
  return { name, persona, bio, model, avatarUrl, tokens30d, cost30d, unpricedCalls30d, avgQuality };
}
