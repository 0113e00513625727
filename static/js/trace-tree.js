// The steps of a session as a tree, and what each comes to with all below it: pure functions.
// palais/domain/tree.py and palais/domain/rollup.py do the same.

import { instant } from "./format.js";

const before = (one, other) =>
  one.start === other.start
    ? one.id < other.id
      ? -1
      : Number(one.id > other.id)
    : (one.start ?? Infinity) - (other.start ?? Infinity);

const known = (value) => value !== null && value !== undefined;

/** A step as the API gives it, with its `start`, `end` and `tokens` as numbers; null is unknown. */
export function measured(step) {
  const start = instant(step.startedAt);
  const told = instant(step.endedAt);
  const end = told === null && start !== null && known(step.durationMs) ? start + step.durationMs : told;
  const parts = [step.tokensIn, step.tokensOut, step.cacheRead, step.cacheWrite].filter(known);
  const tokens = parts.length ? parts.reduce((sum, part) => sum + part) : null;
  return { ...step, start, end, tokens };
}

/** The nodes at the top, each `{ step, depth, parent, children }`, siblings by start, then id. */
export function forest(steps) {
  const nodes = new Map();
  for (const step of [...steps].sort(before)) {
    if (!nodes.has(step.id)) nodes.set(step.id, { step, depth: 0, parent: null, children: [] });
  }
  const top = cut(nodes);
  const roots = [];
  for (const [id, node] of nodes) {
    node.parent = top.has(id) ? null : nodes.get(node.step.parentId);
    (node.parent?.children ?? roots).push(node);
  }
  for (const node of walk(roots)) node.depth = node.parent ? node.parent.depth + 1 : 0;
  return roots;
}

function cut(nodes) {
  const above = (id) => nodes.get(id).step.parentId;
  const top = new Set([...nodes.keys()].filter((id) => !nodes.has(above(id))));
  const led = new Set(top);
  const order = new Map([...nodes.keys()].map((id, number) => [id, number]));
  for (let id of nodes.keys()) {
    const way = new Set();
    for (; !led.has(id) && !way.has(id); id = above(id)) way.add(id);
    if (!led.has(id)) {
      const circle = [...way].slice([...way].indexOf(id));
      top.add(circle.reduce((one, other) => (order.get(one) < order.get(other) ? one : other)));
    }
    for (const one of way) led.add(one);
  }
  return top;
}

/** Every node, each before those below it. */
export function* walk(roots) {
  const waiting = [...roots].reverse();
  while (waiting.length > 0) {
    const node = waiting.pop();
    yield node;
    for (let at = node.children.length - 1; at >= 0; at -= 1) waiting.push(node.children[at]);
  }
}

/** Give every node its `total`: what it comes to with all below it. */
export function addUp(roots) {
  for (const node of [...walk(roots)].reverse()) {
    node.total = totalOf(node);
    for (const child of node.children) add(node.total, child.total);
  }
  return together(roots);
}

/** The sum of what stands at the top. */
function together(roots) {
  const whole = nothing();
  for (const root of roots) add(whole, root.total);
  return whole;
}

const nothing = () => ({
  ...{ start: null, end: null, own: null, steps: 0, errors: 0, running: 0 },
  ...{ tokens: null, uncounted: 0, cost: null, unpriced: 0 },
});

export const isRunning = (step) => step.status === "running" && step.end === null;

function totalOf(node) {
  const { step } = node;
  const total = { ...nothing(), start: step.start, end: step.end, own: ownTime(node), steps: 1 };
  total.errors = Number(step.status === "error");
  total.running = Number(isRunning(step));
  if (step.type === "delegation" && node.children.length > 0) return total;
  const billed = step.type === "llm_call" || step.type === "delegation";
  total.tokens = step.tokens;
  total.uncounted = Number(billed && step.tokens === null);
  total.cost = step.cost;
  total.unpriced = Number(billed && !known(step.cost));
  return total;
}

function add(total, part) {
  const starts = [total.start, part.start].filter(known);
  const ends = [total.end, part.end].filter(known);
  total.start = starts.length ? Math.min(...starts) : null;
  total.end = ends.length ? Math.max(...ends) : null;
  for (const name of ["steps", "errors", "running", "uncounted", "unpriced"]) {
    total[name] += part[name];
  }
  if (part.tokens !== null) total.tokens = (total.tokens ?? 0) + part.tokens;
  if (known(part.cost)) total.cost = (total.cost ?? 0) + part.cost;
}

function ownTime({ step, children }) {
  if (step.start === null || step.end === null) return null;
  let covered = 0;
  let upto = step.start;
  for (const { step: child } of children) {
    if (child.start === null || child.end === null) continue;
    const until = Math.min(child.end, step.end);
    const since = Math.max(child.start, upto);
    if (until <= since) continue;
    covered += until - since;
    upto = until;
  }
  return Math.max(0, step.end - step.start - covered);
}
