// The rows of the feed: made, joined with what they repeat, and parted by days.

import { actionWord, entity, tone } from "./events.js";
import { duration, instant } from "./format.js";
import { agentPlace, nameOf, sessionPlace } from "./page.js";
import { now, setTime, write } from "./time.js";

const NB = "\u00a0";
const known = new WeakMap(); // the ids that a row stands for, newest first
const titles = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "full" });

const slot = (row, name) => row.querySelector(`[data-fact="${name}"]`);
const isRow = (node) => node.dataset.header === undefined;

/** The ids of the events that a row stands for, newest first. */
export function idsOf(row) {
  if (!known.has(row)) known.set(row, (row.dataset.ids ?? row.dataset.id).split(" ").map(Number));
  return known.get(row);
}

function setIds(row, ids) {
  known.set(row, ids);
  row.dataset.id = ids[0];
  row.toggleAttribute("data-many", ids.length > 1);
  slot(row, "times").hidden = ids.length < 2;
  write(slot(row, "times"), `×${NB}${ids.length}`);
}

/** A row for a line of `grouped`. */
export function makeRow(template, line, lively) {
  const row = template.content.firstElementChild.cloneNode(true);
  row.classList.toggle("is-new", lively);
  return fillRow(row, line);
}

function fillRow(row, { data, key, ids }) {
  const { type, agentId, sessionId } = data;
  Object.assign(row.dataset, { type, tone: tone(data), agent: agentId ?? "", key: key ?? "" });
  setTime(row.querySelector("time"), instant(data.ts));
  write(slot(row, "action"), actionWord(data));
  const about = entity(data);
  write(slot(row, "entity"), about);
  slot(row, "inferred").hidden = !data.inferred;
  setIds(row, ids);
  lead(slot(row, "who"), agentId && agentPlace(agentId));
  slot(row, "who").hidden = !agentId;
  write(slot(row, "who"), agentId ? nameOf(agentId) : "");
  lead(slot(row, "entity"), about && agentId && sessionId && sessionPlace(agentId, sessionId));
  slot(row, "gap").hidden = type !== "gap";
  if (type === "gap") showGap(slot(row, "gap"), data);
  return row;
}

function lead(link, place) {
  if (place) link.href = place;
  else link.removeAttribute("href");
}

function showGap(node, data) {
  const [from, to] = node.querySelectorAll("time");
  const [start, end] = [instant(data.startedAt), instant(data.endedAt)];
  setTime(from, start);
  setTime(to, end);
  write(slot(node, "lasted"), start && end ? duration(end - start) : "");
}

/** The last row of each agent, down to which no gap follows. */
function lastOfEach(rows) {
  const found = new Map();
  for (const row of rows) {
    if (row.dataset.type === "gap") found.clear();
    else found.set(row.dataset.agent, row);
  }
  return found;
}

function joinIfRepeated(newer, older) {
  if (!newer.dataset.key || newer.dataset.key !== older.dataset.key) return;
  const ids = new Set([...idsOf(newer), ...idsOf(older)]);
  setIds(newer, [...ids].sort((a, b) => b - a));
  older.remove();
}

/** Put newer rows on top. */
export function prepend(list, rows) {
  for (const [agent, row] of lastOfEach(rows)) {
    const same = `[data-agent="${CSS.escape(agent)}"]`;
    const below = list.querySelector(`.feed__row:is(${same}, [data-type="gap"])`);
    if (below) joinIfRepeated(row, below);
  }
  list.prepend(...rows);
  separate(list);
}

/** Let the list have these lines and no others; its rows are used again, which is a third of the cost. */
export function rewrite(list, template, lines) {
  const rows = [...list.children].filter(isRow);
  const kept = lines.map((line, index) => {
    if (!rows[index]) return makeRow(template, line, false);
    rows[index].classList.remove("is-new");
    delete rows[index].dataset.day;
    return fillRow(rows[index], line);
  });
  for (const row of rows.slice(lines.length)) row.remove();
  list.append(...kept.slice(rows.length));
  separate(list);
  return kept;
}

/** Put older rows at the end. */
export function append(list, rows) {
  const above = lastOfEach([...list.children].filter(isRow));
  list.append(...rows);
  for (const row of rows) {
    const { type, agent } = row.dataset;
    if (type === "gap") above.clear();
    else if (above.has(agent)) joinIfRepeated(above.get(agent), row);
    above.delete(agent);
  }
  separate(list);
}

/** Keep at most so many rows, the newest; returns the id of the last one if some had to go. */
export function trim(list, limit) {
  if (list.childElementCount <= limit) return null;
  while (list.childElementCount > limit || !isRow(list.lastElementChild)) {
    list.lastElementChild.remove();
  }
  return idsOf(list.lastElementChild)[0];
}

const dayOf = (row) => (row.dataset.day ??= dayAt(instant(row.querySelector("time").dateTime)));
const dayAt = (ms) => new Date(ms ?? 0).toDateString();

/** Give each day but today a title above its rows, in local time. */
export function separate(list) {
  let day = dayAt(now());
  let header = null;
  for (const node of [...list.children]) {
    if (!isRow(node)) {
      header?.remove();
      header = node;
      continue;
    }
    const its = dayOf(node);
    if (its === day || header?.dataset.header !== its) header?.remove();
    if (its !== day && header?.dataset.header !== its) node.before(makeHeader(its, node));
    day = its;
    header = null;
  }
  header?.remove();
}

function makeHeader(day, row) {
  const header = document.createElement("li");
  header.className = "feed__day";
  header.dataset.header = day;
  const moment = instant(row.querySelector("time").dateTime);
  header.textContent = titles.format(moment);
  return header;
}
