// Says that a budget is spent to those who do not see the feed, and keeps the budgets of a page true.

import { announce } from "./announce.js";
import { actionWord, entity, exceeded } from "./events.js";
import { nameOf, say } from "./page.js";

/** Take in an event; `remake` makes the page right again, where it shows budgets. */
export function applyToBudgets(data, remake) {
  if (data.type !== "budget.warning") return;
  if (exceeded(data)) {
    const who = data.agentId ? `${nameOf(data.agentId)} ` : "";
    announce([say("told.status", { name: who + actionWord(data), status: entity(data) })]);
  }
  if (document.querySelector('[data-block="budgets"]')) remake();
}
