// Writes one step into its row; the partial templates/_span_row.html is the row's.

import { count, duration, elapsed, price } from "./format.js";
import { nameOf, say } from "./page.js";
import { barOn } from "./trace-axis.js";
import { folded } from "./trace-outline.js";
import { isRunning } from "./trace-tree.js";

const KINDS = new Set(["llm_call", "tool_call", "decision", "delegation"]);
const DEEPEST = 16;

export const kindOf = (step) => (KINDS.has(step.type) ? step.type : "other");
export const kindWord = (step) => say(`step.${kindOf(step)}`);
export const stateWord = (step) => say(`span.${step.status}`) || step.status || "";

/** A phrase that counts, the number with its thousands apart. */
export const many = (key, n) => say(key, { n, count: count(n) });

/** A sum: what is known of it, marked where a part is not; a word where nothing is. */
export function sum(value, missing, write) {
  if (value === null || value === undefined) return missing ? say("span.unknown") : "";
  return `${missing ? "≥\u00a0" : ""}${write(value)}`;
}

/** How long it took with all below it; of what goes on, how long until now. */
export function timeOf(total, now) {
  if (total.start === null) return "—";
  if (total.running > 0) return elapsed(Math.max(0, now - total.start));
  return total.end === null ? "—" : duration(Math.max(0, Math.round(total.end - total.start)));
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Write text, and mark in it the words that are searched for, where folding keeps its length. */
function writeMarked(node, text, words) {
  const plain = folded(text);
  const spots = plain.length === text.length ? spotsOf(plain, words) : [];
  if (spots.length === 0) return write(node, text);
  const parts = [];
  let at = 0;
  for (const [from, to] of spots) {
    const mark = document.createElement("mark");
    mark.textContent = text.slice(from, to);
    parts.push(text.slice(at, from), mark);
    at = to;
  }
  return node.replaceChildren(...parts, text.slice(at));
}

function spotsOf(text, words) {
  const spots = words
    .flatMap((word) => {
      const at = text.indexOf(word);
      return at < 0 ? [] : [[at, at + word.length]];
    })
    .sort(([one], [other]) => one - other);
  return spots.filter(([from], at) => at === 0 || from >= spots[at - 1][1]);
}

function setAttributes(row, facts) {
  for (const [name, value] of Object.entries(facts)) {
    if (value === null) row.removeAttribute(name);
    else if (row.getAttribute(name) !== String(value)) row.setAttribute(name, value);
  }
}

function place(rect, bar) {
  setAttributes(rect, bar ?? { x: "0", width: "0" });
}

/** What the row says besides its name: of a title that begins with the name, only the title. */
function names({ name, title }) {
  if (!title) return [name, ""];
  return title.toLowerCase().startsWith(name.toLowerCase()) ? [title, ""] : [name, title];
}

/** Write only what time changes: the bars, and how long it has taken. */
export function paintTime(row, node, axis, now) {
  const { step, total } = node;
  const end = isRunning(step) ? now : step.end;
  const last = total.running > 0 ? now : total.end;
  place(row.querySelector(".bar__own"), barOn(axis, step.start, end));
  place(
    row.querySelector(".bar__whole"),
    node.children.length ? barOn(axis, total.start, last) : null,
  );
  write(row.querySelector('[data-fact="time"]'), timeOf(total, now));
}

/** Write a row of the outline; `at` is its place in all of it. */
export function paintRow(row, entry, at, { axis, now, words, current, home, icons }) {
  const { node, place: number, siblings, open, dim } = entry;
  const { step, total, depth } = node;
  const slot = (name) => row.querySelector(`[data-fact="${name}"]`);
  setAttributes(row, {
    "data-span": step.id,
    "data-type": kindOf(step),
    "data-state": step.status ?? "",
    "data-depth": Math.min(depth, DEEPEST),
    "data-dim": dim ? "" : null,
    "aria-level": depth + 1,
    "aria-posinset": number,
    "aria-setsize": siblings,
    "aria-rowindex": at + 2,
    "aria-expanded": open,
    "aria-selected": step.id === current,
    tabindex: step.id === current ? "0" : "-1",
  });
  setAttributes(row.querySelector(".step__icon").firstElementChild, { href: `${icons}#step-${kindOf(step)}` });
  const [name, title] = names(step);
  writeMarked(slot("name"), name, words);
  writeMarked(slot("title"), title, words);
  write(slot("kind"), kindWord(step));
  const child = step.childAgentId ?? (step.agentId !== home && !node.parent ? step.agentId : null);
  write(slot("agent"), child ? nameOf(child) : "");
  write(slot("state"), step.status && step.status !== "ok" ? stateWord(step) : "");
  write(slot("below"), open === false ? many("span.below", total.steps - 1) : "");
  write(slot("tokens"), sum(total.tokens, total.uncounted, count));
  write(slot("cost"), sum(total.cost, total.unpriced, price));
  paintTime(row, node, axis, now);
}
