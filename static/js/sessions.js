// Owns the table of sessions and the page of one: a session appears, advances, ends.

import { count, duration, instant, modelName, money, price } from "./format.js";
import { quality, unrated } from "./format.js";
import { onFrame } from "./frame.js";
import { setOlder, watchOlder } from "./older.js";
import { say, sessionPlace } from "./page.js";
import { setTime } from "./time.js";

let limit = 50; // rows in the table; more where a person asked for more
const FIELDS = [
  ...["status", "task", "model", "tokens", "cost"],
  ...["summary", "error", "startedAt", "endedAt", "inferred", "confidence"],
];
const pending = new Map();
const has = document.querySelector("[data-runs], [data-session-id]") !== null;

/** Take in an event of a session. */
export function applyToSessions(data) {
  if (!has || !data.type.startsWith("session.") || !data.sessionId || !wanted(data)) return;
  const known = pending.get(data.sessionId) ?? { agentId: data.agentId, ts: data.ts };
  for (const field of FIELDS) {
    if (data[field] !== undefined && data[field] !== null) known[field] = data[field];
  }
  pending.set(data.sessionId, known);
  onFrame(flush);
}

const table = () => document.querySelector("[data-runs]");
const shown = (id) => document.querySelector(`[data-session-id="${CSS.escape(id)}"]`);

const wanted = (data) => table()?.dataset.runs === data.agentId || shown(data.sessionId) !== null;

function flush() {
  for (const [id, facts] of pending) {
    const root = shown(id) ?? addRow(id, facts);
    if (root) paintRun(root, facts);
  }
  pending.clear();
}

function addRow(id, facts) {
  const frame = table();
  if (!frame || frame.dataset.past === "true") return null;
  const row = frame.querySelector("template[data-row]").content.firstElementChild.cloneNode(true);
  row.dataset.sessionId = id;
  row.querySelector('[data-fact="run-task"]').href = sessionPlace(facts.agentId, id);
  const started = instant(facts.startedAt ?? facts.ts);
  setTime(row.querySelector("time"), started);
  row.querySelector('[data-fact="run-duration"]').dataset.elapsed = new Date(started).toISOString();
  const rows = frame.querySelector("[data-rows]");
  rows.prepend(row);
  trim(frame, rows);
  frame.querySelector("[data-empty]").hidden = true;
  frame.querySelector("[data-runs-frame]").hidden = false;
  return row;
}

function trim(frame, rows) {
  if (rows.childElementCount <= limit) return;
  while (rows.childElementCount > limit) rows.lastElementChild.remove();
  setOlder(frame.querySelector("[data-older]"), rows.lastElementChild.dataset.sessionId);
}

/** Start: the link fetches older sessions into the table. */
export function watchSessions() {
  const frame = table();
  if (!frame) return;
  watchOlder(frame, "runs", (older) => {
    const rows = frame.querySelector("[data-rows]");
    rows.append(...older.filter((row) => !shown(row.dataset.sessionId)));
    limit = Math.max(limit, rows.childElementCount);
    older[0]?.querySelector("a").focus({ preventScroll: true });
  });
}

function paintRun(root, facts) {
  const slot = (name) => root.querySelector(`[data-fact="run-${name}"]`);
  const text = (name, value) => {
    if (slot(name)) slot(name).textContent = value;
  };
  if (facts.status) {
    root.dataset.status = facts.status;
    text("word", say(`session.${facts.status}`) || facts.status);
  }
  const untitled = slot("task").textContent === say("untitled");
  if (facts.task || (untitled && facts.summary)) text("task", facts.task ?? facts.summary);
  const said = facts.error ?? (untitled && !facts.task ? "" : facts.summary);
  if (said) text("said", said);
  slot("said")?.toggleAttribute("data-bad", Boolean(facts.error));
  if (slot("inferred") && facts.inferred !== undefined) slot("inferred").hidden = !facts.inferred;
  if (facts.model) {
    text("model", modelName(facts.model));
    slot("model").title = facts.model;
  }
  if (facts.tokens !== undefined) text("tokens", count(facts.tokens));
  if (facts.cost !== undefined) text("cost", ("fine" in slot("cost").dataset ? price : money)(facts.cost));
  paintQuality(slot("quality"), facts);
  for (const name of ["error", "summary"]) showPart(root, name, facts[name]);
  if (facts.status) paintEnd(root, slot, facts);
}

function paintQuality(node, { status, confidence }) {
  if (confidence !== undefined) {
    node.textContent = quality(confidence);
    node.dataset.rated = "";
    node.title = "";
  } else if (status && node.dataset.rated === undefined) node.title = unrated(status);
}

function showPart(root, name, words) {
  const section = root.querySelector(`[data-part="${name}"]`);
  if (!section || !words) return;
  section.querySelector("p").textContent = words;
  section.hidden = false;
}

function paintEnd(root, slot, facts) {
  const node = slot("duration");
  if (facts.status === "running") return;
  const start = instant(facts.startedAt) ?? instant(node.dataset.elapsed);
  const end = instant(facts.endedAt);
  delete node.dataset.elapsed;
  if (start !== null && end !== null) node.textContent = duration(Math.max(0, end - start));
  if (!slot("end") || end === null) return;
  const time = document.createElement("time");
  time.dataset.exact = "";
  slot("end").replaceChildren(time);
  setTime(time, end);
}
