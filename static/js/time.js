// Moments on the page: made local once, and kept true by one timer, on the server's clock.

import { ago, clock, elapsed, exact, instant, since } from "./format.js";

let skew = 0;

/** Give an element this text; its text node stays, so that only that line is laid out anew. */
export function write(node, text) {
  const only = node.childNodes.length === 1 ? node.firstChild : null;
  if (only?.nodeType !== Node.TEXT_NODE) {
    if (only || text !== "" || node.hasChildNodes()) node.textContent = text;
  } else if (only.data !== text) only.data = text;
}

/** The server's clock said `ts` when this machine's said `when`: it runs so far ahead. */
export function noteServerTime(ts, when) {
  if (typeof ts === "number") skew = ts - when;
}

/** What the server's clock says when this machine's says `when`. */
export const now = (when = Date.now()) => when + skew;

function show(node) {
  const ms = instant(node.dateTime);
  if ("ago" in node.dataset) write(node, ago(ms, now()));
  else if ("since" in node.dataset) write(node, since(ms, now()));
  else if ("hour" in node.dataset) write(node, clock(ms, ms));
  else if ("clock" in node.dataset) write(node, clock(ms, now()));
  else write(node, exact(ms));
  if (!("exact" in node.dataset)) node.title = exact(ms);
}

/** Give a <time> another moment, in milliseconds or null. */
export function setTime(node, ms) {
  if (!node) return;
  node.dateTime = ms === null ? "" : new Date(ms).toISOString();
  show(node);
}

/** Turn the server's UTC into local time, in all of a part of the page. */
export function localise(root) {
  for (const node of root.querySelectorAll("time")) show(node);
  tick(root);
}

function tick(root) {
  for (const node of root.querySelectorAll("time[data-ago]")) {
    write(node, ago(instant(node.dateTime), now()));
  }
  for (const node of root.querySelectorAll("time[data-since]")) {
    write(node, since(instant(node.dateTime), now()));
  }
  for (const node of root.querySelectorAll("[data-elapsed]")) {
    const start = instant(node.dataset.elapsed);
    if (start !== null) write(node, elapsed(now() - start));
  }
}

/** Start the one timer. */
export function keepTime() {
  localise(document);
  setInterval(() => document.hidden || tick(document), 1000);
}
