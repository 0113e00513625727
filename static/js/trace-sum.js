// Writes what all steps come to, beside their title, and whether sub-agents are in it.

import { price } from "./format.js";
import { say } from "./page.js";
import { many, sum } from "./trace-row.js";

function write(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

const counted = (key, n) => (n > 0 ? many(key, n) : "");

function withSubAgents({ tokens, uncounted, cost, unpriced }) {
  const sums = [
    tokens === null ? "" : sum(tokens, uncounted, (n) => many("span.tokens", n)),
    cost === null ? "" : sum(cost, unpriced, price),
  ].filter(Boolean);
  return sums.length ? `${say("span.together")} ${sums.join(", ")}` : "";
}

/** Write the sum into `line`; `delegated` where steps of other sessions are in it. */
export function showSum(line, whole, delegated) {
  const put = (name, words) => write(line.querySelector(`[data-fact="${name}"]`), words);
  put("steps", counted("span.steps", whole.steps));
  put("failed", counted("span.failed", whole.errors));
  put("unpriced", counted("span.unpriced", whole.unpriced));
  put("together", delegated ? withSubAgents(whole) : "");
  for (const one of document.querySelectorAll("[data-alone]")) one.hidden = !delegated;
}
