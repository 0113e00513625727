// Owns the feed: newest first, live; it waits while a person points at it, is in it, or reads on.

import { announce } from "./announce.js";
import { wanted, watchChoices } from "./choices.js";
import { goesWithoutSaying, inFeed } from "./events.js";
import { onFrame } from "./frame.js";
import { grouped } from "./groups.js";
import { setOlder, watchOlder } from "./older.js";
import { say } from "./page.js";
import { append, makeRow, prepend, separate, trim } from "./rows.js";
import { watchWalk } from "./walk.js";

const LIMIT = 200;
const QUEUE = 80;
const LIVELY = 6;
const PACE = 300; // milliseconds between two paints of a crowd: faster, nobody could read it
const CROWD = 30; // rows of it that are drawn; what is older is fetched when somebody scrolls there
const SAY_EVERY = 15_000;

let queue = []; // what is not shown yet, oldest first
let broken = false; // more came than the queue holds: what is below has to go
let stale = false; // the page was made anew, but for what was being read
let held = 0;
let saidAt = -SAY_EVERY;
let paintedAt = 0;
let timer = 0;
let hovered = false;
let refresh = () => {};

const feed = () => document.querySelector("[data-feed]");
const part = (name) => feed().querySelector(`[data-${name}]`);

/** Take in an event with its id, if it is news and passes the filters of this feed. */
export function applyToFeed(data, id) {
  const root = feed();
  if (!root || root.dataset.past === "true") return;
  if (!inFeed(data) || goesWithoutSaying(data) || !wanted(root, data)) return;
  queue.push({ id: Number(id.slice(id.lastIndexOf(".") + 1)), data });
  held += 1;
  if (queue.length > QUEUE) {
    queue.shift();
    broken = true;
  }
  paintSoon();
}

function paintSoon() {
  const wait = queue.length > LIVELY ? paintedAt + PACE - performance.now() : 0;
  if (wait <= 0) onFrame(flush);
  else timer ||= setTimeout(() => ((timer = 0), onFrame(flush)), wait);
}

/** Forget what was not shown yet: the page was made anew, but for a feed that is being read. */
export function clearFeed() {
  queue = [];
  held = 0;
  broken = false;
  if (!feed()) return;
  stale = part("rows").dataset.held !== undefined;
  if (!stale) separate(part("rows"));
  onFrame(flush);
}

function scrolled() {
  const scroll = part("scroll");
  if (getComputedStyle(scroll).overflowY !== "visible") return scroll.scrollTop > 8;
  return part("rows").getBoundingClientRect().top < 0;
}

function paused() {
  if (part("rows").childElementCount === 0) return false;
  const within = feed().querySelector("[data-scroll] :focus-visible, [data-news]:focus-visible");
  return hovered || within !== null || scrolled();
}

function flush() {
  if (paused()) sayHeld();
  else release();
  showNews();
}

function release() {
  if (stale) refresh();
  else if (queue.length > 0) paint();
  stale = false;
}

function paint() {
  paintedAt = performance.now();
  const list = part("rows");
  const lively = queue.length <= LIVELY;
  const template = part("row");
  if (broken) queue = queue.slice(-CROWD);
  const rows = grouped(queue.reverse()).map((line) => makeRow(template, line, lively));
  if (broken) list.replaceChildren();
  queue = [];
  held = 0;
  prepend(list, rows);
  const last = trim(list, broken ? rows.length : LIMIT);
  if (broken) setOlder(part("older"), Math.min(...rows.map((row) => Number(row.dataset.id))));
  else if (last !== null) setOlder(part("older"), last);
  broken = false;
  part("empty").hidden = true;
}

function showNews() {
  const news = part("news");
  news.hidden = queue.length === 0 && !stale;
  news.querySelector("span").textContent = stale ? say("news.stale") : say("news", { n: held });
}

function sayHeld() {
  if (held === 0 || performance.now() - saidAt < SAY_EVERY) return;
  saidAt = performance.now();
  announce([say("news.paused", { n: held })]);
}

function toTheTop(event) {
  const byKeyboard = event.detail === 0;
  release();
  showNews();
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const behavior = still || byKeyboard ? "auto" : "smooth";
  const scroll = part("scroll");
  if (scroll.scrollTop > 0) scroll.scrollTo({ top: 0, behavior });
  if (part("rows").getBoundingClientRect().top < 0) feed().scrollIntoView({ behavior });
  if (byKeyboard) feed().querySelector(".feed__row")?.focus({ preventScroll: true });
  look();
}

/** Note whether the feed is being read, and go on if it no longer is. */
function look() {
  part("rows").toggleAttribute("data-held", paused());
  if (queue.length > 0 || stale) onFrame(flush);
}

function point(event) {
  hovered = event.type === "pointerenter" && event.pointerType === "mouse";
  look();
}

/** Start: listen for what makes the feed wait; `remake` makes the page right again. */
export function watchFeed(remake) {
  if (!feed()) return;
  refresh = remake;
  separate(part("rows"));
  part("news").addEventListener("click", toTheTop);
  const scroll = part("scroll");
  for (const name of ["pointerenter", "pointerleave"]) scroll.addEventListener(name, point);
  for (const name of ["focusin", "focusout"]) {
    feed().addEventListener(name, () => onFrame(look));
  }
  scroll.addEventListener("scroll", () => onFrame(look), { passive: true });
  addEventListener("scroll", () => onFrame(look), { passive: true });
  const by = getComputedStyle(scroll).overflowY === "visible" ? null : scroll;
  watchOlder(scroll, "feed", (rows) => append(part("rows"), rows), by);
  watchWalk(feed());
  watchChoices(feed(), () => {
    hovered = false;
    scroll.scrollTop = 0;
    part("rows").removeAttribute("data-held");
    queue = [];
    remake();
  });
}
