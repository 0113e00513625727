// Which steps are to be seen, in their order: what is open, what the filters take, what is searched.

import { nameOf } from "./page.js";
import { walk } from "./trace-tree.js";

const MARKS = /\p{M}/gu;
export const folded = (text) => text.toLowerCase().normalize("NFKD").replace(MARKS, "");

/** What of a step a search looks through. */
const said = ({ name, title, model, error, childAgentId }) =>
  folded([name, title, model, error, childAgentId && nameOf(childAgentId)].filter(Boolean).join("\n"));

/** The ids of the steps that have every word, in the order of the tree. */
export function matches(roots, text) {
  const words = folded(text).split(/\s+/u).filter(Boolean);
  if (words.length === 0) return [];
  const takes = (step) => {
    const all = said(step);
    return words.every((word) => all.includes(word));
  };
  return [...walk(roots)].filter(({ step }) => takes(step)).map(({ step }) => step.id);
}

/** The ids of the failed steps, in the order of the tree. */
export const failures = (roots) =>
  [...walk(roots)].filter(({ step }) => step.status === "error").map(({ step }) => step.id);

/** Which steps pass the filters, with all above them; null where all do. */
export function passing(roots, { kinds, errors, only, found }) {
  if (kinds.size === 0 && !errors && !only) return null;
  const takes = ({ step }) =>
    (kinds.size === 0 || kinds.has(step.type)) &&
    (!errors || step.status === "error") &&
    (!only || found.has(step.id));
  const passed = new Map(); // by id: whether it passes itself
  for (const node of walk(roots)) {
    if (!takes(node)) continue;
    for (let up = node.parent; up && !passed.has(up.step.id); up = up.parent) {
      passed.set(up.step.id, false);
    }
    passed.set(node.step.id, true);
  }
  return passed;
}

/** The rows: `{ node, place, siblings, open, dim }`, `open` null where nothing is below. */
export function outline(roots, isOpen, passed) {
  const rows = [];
  const shown = (nodes) => (passed ? nodes.filter(({ step }) => passed.has(step.id)) : nodes);
  const entries = (nodes) =>
    nodes.map((node, at) => ({ node, place: at + 1, siblings: nodes.length })).reverse();
  const waiting = entries(shown(roots));
  while (waiting.length > 0) {
    const row = waiting.pop();
    const below = shown(row.node.children);
    const open = below.length > 0 ? isOpen(row.node) : null;
    rows.push({ ...row, open, dim: passed ? !passed.get(row.node.step.id) : false });
    if (open) waiting.push(...entries(below));
  }
  return rows;
}
