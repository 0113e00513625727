// Owns the feed: newest first, live; it waits while a person points at it, is in it, or reads on.

import { announce } from "./announce.js";
import { wanted, watchChoices } from "./choices.js";
import { goesWithoutSaying, inFeed } from "./events.js";
import { onFrame } from "./frame.js";
import { grouped } from "./groups.js";
import { setOlder, watchOlder } from "./older.js";
import { say } from "./page.js";
import { append, idsOf, makeRow, prepend, rewrite, separate, trim } from "./rows.js";
import { watchWalk } from "./walk.js";

const LIMIT = 200;
const QUEUE = 80;
const LIVELY = 6;
const PACE = 300; // milliseconds between two paints of a crowd: faster, nobody could read it
const PORTION = 15; // rows that a frame adds: the next ones have the next frame
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
let away = false; // from the newest rows; noted, since to ask the page costs it a layout
let refresh = () => {};

const root = document.querySelector("[data-feed]");
const part = (name) => root.querySelector(`[data-${name}]`);

/** Take in an event with its id, if it is news and passes the filters of this feed. */
export function applyToFeed(data, id) {
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
  if (!root) return;
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
  const within = root.querySelector("[data-scroll] :focus-visible, [data-news]:focus-visible");
  return hovered || within !== null || away;
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
  if (broken) paintAnew();
  else paintMore();
  held = queue.length;
  part("empty").hidden = true;
}

function paintAnew() {
  const lines = grouped(queue.slice(-CROWD).reverse());
  const rows = rewrite(part("rows"), part("row"), lines);
  setOlder(part("older"), Math.min(...rows.flatMap(idsOf)));
  queue = [];
  broken = false;
}

function paintMore() {
  const lively = queue.length <= LIVELY;
  const lines = grouped(queue.splice(0, PORTION).reverse());
  prepend(part("rows"), lines.map((line) => makeRow(part("row"), line, lively)));
  const last = trim(part("rows"), LIMIT);
  if (last !== null) setOlder(part("older"), last);
  if (queue.length > 0) onFrame(flush);
}

function showNews() {
  const news = part("news");
  news.hidden = !stale && (queue.length === 0 || !paused());
  news.querySelector("span").textContent = stale ? say("news.stale") : say("news", { n: held });
}

function sayHeld() {
  if (held === 0 || performance.now() - saidAt < SAY_EVERY) return;
  saidAt = performance.now();
  announce([say("news.paused", { n: held })]);
}

function toTheTop(event) {
  const byKeyboard = event.detail === 0;
  do release();
  while (queue.length > 0);
  showNews();
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const behavior = still || byKeyboard ? "auto" : "smooth";
  const scroll = part("scroll");
  if (scroll.scrollTop > 0) scroll.scrollTo({ top: 0, behavior });
  if (part("rows").getBoundingClientRect().top < 0) root.scrollIntoView({ behavior });
  if (byKeyboard) root.querySelector(".feed__row")?.focus({ preventScroll: true });
  look();
}

/** Note whether the feed is being read, and go on if it no longer is. */
function look() {
  away = scrolled();
  part("rows").toggleAttribute("data-held", paused());
  if (queue.length > 0 || stale) onFrame(flush);
}

function point(event) {
  hovered = event.type === "pointerenter" && event.pointerType === "mouse";
  look();
}

/** Start: listen for what makes the feed wait; `remake` makes the page right again. */
export function watchFeed(remake) {
  if (!root) return;
  refresh = remake;
  separate(part("rows"));
  part("news").addEventListener("click", toTheTop);
  const scroll = part("scroll");
  for (const name of ["pointerenter", "pointerleave"]) scroll.addEventListener(name, point);
  for (const name of ["focusin", "focusout"]) {
    root.addEventListener(name, () => onFrame(look));
  }
  scroll.addEventListener("scroll", () => onFrame(look), { passive: true });
  for (const name of ["scroll", "resize"]) {
    addEventListener(name, () => onFrame(look), { passive: true });
  }
  const by = getComputedStyle(scroll).overflowY === "visible" ? null : scroll;
  watchOlder(scroll, "feed", (rows) => append(part("rows"), rows), by);
  watchWalk(root);
  watchChoices(root, () => {
    hovered = false;
    scroll.scrollTop = 0;
    part("rows").removeAttribute("data-held");
    queue = [];
    remake();
  });
}
