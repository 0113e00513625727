// Keeps figures and plots of costs true: fetched anew, calmly, after sessions told of their usage.

import { refetch } from "./resync.js";

const CALM = 2500; // milliseconds without another report before the page is asked again
const LONGEST = 10_000; // and how long reports may keep it waiting
const AGE = 5 * 60_000; // the day moves on by itself
const SPENT = new Set(["session.updated", "session.completed"]);
let timer = 0;
let since = 0;
let due = false;

const place = () => document.querySelector("[data-spending]");

// Only its parts are swapped then, so that what is open and what is pointed at stays.
function hold() {
  if (place()?.dataset.none === "false") place().dataset.held = "";
  if (document.querySelector("[data-plot]")) import("./plots.js").then((plots) => plots.watchPlots());
}

async function renew() {
  timer = since = 0;
  due = document.hidden;
  if (due || !place()) return;
  await refetch((block) => place().contains(block));
  hold();
}

/** Take in an event: one with tokens or a cost makes the figures old. */
export function applyToSpending({ type, tokens, cost, agentId }) {
  if (!SPENT.has(type) || (tokens === null && cost === null) || !place()) return;
  const only = place().dataset.spending;
  if (only && only !== agentId) return;
  const now = Date.now();
  since ||= now;
  clearTimeout(timer);
  timer = setTimeout(renew, Math.max(0, Math.min(CALM, since + LONGEST - now)));
}

/** Start renewing them as the day goes on, and when somebody looks again. */
export function keepSpending() {
  if (!place()) return;
  hold();
  setInterval(renew, AGE);
  document.addEventListener("visibilitychange", () => due && renew());
}
