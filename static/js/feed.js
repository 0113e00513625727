// Owns the feed: newest first; it waits while the person reads further down.

import { actionWord, entity, goesWithoutSaying, inFeed, tone } from "./events.js";
import { instant } from "./format.js";
import { onFrame } from "./frame.js";
import { agentPlace, nameOf, say, sessionPlace } from "./page.js";
import { setTime } from "./time.js";

const LIMIT = 200;
const LIVELY = 6;
const PACE = 300; // milliseconds between two paints of a crowd: faster, nobody could read it

let queue = [];
let paintedAt = 0;
let timer = 0;
let held = 0;

const feed = () => document.querySelector("[data-feed]");
const part = (name) => feed().querySelector(`[data-${name}]`);

/** Take in an event, if it is news and of this feed. */
export function applyToFeed(data) {
  const root = feed();
  if (!root || !inFeed(data) || goesWithoutSaying(data)) return;
  if (root.dataset.only && root.dataset.only !== data.agentId) return;
  queue.push(data);
  held += 1;
  if (queue.length > LIMIT) queue.shift();
  paintSoon();
}

function paintSoon() {
  const wait = queue.length > LIVELY ? paintedAt + PACE - performance.now() : 0;
  if (wait <= 0) onFrame(flush);
  else timer ||= setTimeout(() => ((timer = 0), onFrame(flush)), wait);
}

/** Forget what was not shown yet: the page was made anew. */
export function clearFeed() {
  queue = [];
  held = 0;
  if (feed()) onFrame(flush);
}

function readingFurtherDown() {
  const scroll = part("scroll");
  if (getComputedStyle(scroll).overflowY !== "visible") return scroll.scrollTop > 8;
  return part("rows").getBoundingClientRect().top < 0;
}

function flush() {
  paintedAt = performance.now();
  const rows = part("rows");
  const wait = queue.length > 0 && rows.childElementCount > 0 && readingFurtherDown();
  if (!wait && queue.length > 0) {
    const lively = queue.length <= LIVELY;
    const fresh = queue.reverse().map((data) => makeRow(data, lively));
    queue = [];
    held = 0;
    rows.prepend(...fresh);
    while (rows.childElementCount > LIMIT) rows.lastElementChild.remove();
    part("empty").hidden = true;
  }
  const news = part("news");
  news.hidden = queue.length === 0;
  news.querySelector("span").textContent = say(held === 1 ? "news.one" : "news.many", { n: held });
}

function makeRow(data, lively) {
  const row = part("row").content.firstElementChild.cloneNode(true);
  row.dataset.type = data.type;
  row.dataset.tone = tone(data);
  row.classList.toggle("is-new", lively);
  const slot = (name) => row.querySelector(`[data-fact="${name}"]`);
  setTime(row.querySelector("time"), instant(data.ts));
  slot("action").textContent = actionWord(data);
  slot("entity").textContent = entity(data);
  if (data.agentId) {
    slot("who").hidden = false;
    slot("who").href = agentPlace(data.agentId);
    slot("who").textContent = nameOf(data.agentId);
    if (data.sessionId) slot("entity").href = sessionPlace(data.agentId, data.sessionId);
  }
  if (data.type === "gap") showGap(slot("gap"), data);
  return row;
}

function showGap(node, data) {
  const [from, to] = node.querySelectorAll("time");
  setTime(from, instant(data.startedAt));
  setTime(to, instant(data.endedAt));
  node.hidden = false;
}

function toTheTop() {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const how = { behavior: still ? "auto" : "smooth", block: "start" };
  const scroll = part("scroll");
  if (scroll.scrollTop > 0) scroll.scrollTo({ top: 0, behavior: how.behavior });
  else feed().scrollIntoView(how);
}

/** Listen for the person's return to the top. */
export function watchFeed() {
  if (!feed()) return;
  part("news").addEventListener("click", toTheTop);
  const back = () => queue.length > 0 && onFrame(flush);
  part("scroll").addEventListener("scroll", back, { passive: true });
  addEventListener("scroll", back, { passive: true });
}
