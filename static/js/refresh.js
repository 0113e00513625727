// Fetches one agent's facts, at most once a second an agent, however often it is asked.

import { api } from "./page.js";

const EVERY = 1000;
const due = new Set();
const last = new Map();

async function fetchAgent(id, then) {
  due.delete(id);
  last.set(id, Date.now());
  try {
    const response = await fetch(api(`v1/agents/${encodeURIComponent(id)}`));
    then(id, response.ok ? await response.json() : null);
  } catch {
    then(id, null); // out of reach: the stream says so, and the page is made right when it is back
  }
}

/** Fetch the agent soon and give it to `then(id, agent)`; null where that was not possible. */
export function refresh(id, then) {
  if (due.has(id)) return;
  due.add(id);
  const wait = Math.max(0, (last.get(id) ?? 0) + EVERY - Date.now());
  setTimeout(() => fetchAgent(id, then), wait);
}
