// Owns the counters in the bar: how many agents stand how, on every page.

import { onFrame } from "./frame.js";
import { standings } from "./page.js";
import { write } from "./time.js";

/** How an agent stands; one that waits for somebody is not counted as at work. */
export const standing = (status, activity) =>
  status === "busy" && activity === "waiting" ? "waiting" : status;

const atWork = (id) => ["busy", "waiting"].includes(standings()[id]);

/** Take in an event. */
export function applyToCounters({ type, agentId, status, activity }) {
  if (!agentId) return;
  const known = standings();
  if (type === "agent.status") known[agentId] = standing(status, activity);
  else if (type === "agent.presence" && atWork(agentId)) {
    known[agentId] = standing("busy", activity);
  } else if (type === "agent.registered") known[agentId] ??= "idle";
  else return;
  onFrame(showCounters);
}

/** Write the figures anew. */
export function showCounters() {
  const numbers = {};
  for (const one of Object.values(standings())) numbers[one] = (numbers[one] ?? 0) + 1;
  for (const node of document.querySelectorAll("[data-count]")) {
    const number = numbers[node.dataset.count] ?? 0;
    if (node.textContent === String(number)) continue;
    write(node, String(number));
    node.closest(".counter").toggleAttribute("data-none", number === 0);
  }
}
