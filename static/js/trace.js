// The page of a session: joins the steps, the rows, the panel, the tools and the keys.

import { onFrame } from "./frame.js";
import { now } from "./time.js";
import { covered, keepCovered } from "./trace-cover.js";
import { keepAddress } from "./trace-address.js";
import { watchTraceKeys } from "./trace-keys.js";
import { followSession } from "./trace-live.js";
import { failures, matches, outline, passing } from "./trace-outline.js";
import { keepPanel } from "./trace-panel.js";
import { paintRow, paintTime } from "./trace-row.js";
import { keepRun } from "./trace-run.js";
import { keepScale } from "./trace-scale.js";
import { keepSteps } from "./trace-steps.js";
import { showSum } from "./trace-sum.js";
import { keepTools } from "./trace-tools.js";
import { keepWindow } from "./trace-window.js";

const RETRY = 3000;
const SOON = 400; // milliseconds: of several reasons to fetch again, one fetch

const root = document.querySelector("[data-steps]");
const part = (name) => root.querySelector(`[data-${name}]`);
const { agent, session, spans: address } = root.dataset;
const icons = root.querySelector(".step__icon").firstElementChild.getAttribute("href").split("#")[0];
const blank = part("step-row").content.firstElementChild;
const tree = part("tree");

const steps = keepSteps(agent, session);
const run = keepRun(root);
let rows = [];
let places = new Map();
let found = [];
let current = null;
let fetched = false;
let fetchTimer = 0;
let asking = null;

const scale = keepScale(steps, run.now, part("axis"), part("grid"), now);
const view = keepWindow(
  part("step-rows"),
  () => blank.cloneNode(true),
  (row, entry, at) =>
    paintRow(row, entry, at, {
      words: found.includes(entry.node.step.id) ? tools.words() : [],
      ...{ axis: scale.axis(), now: now(), current, home: agent, icons },
    }),
);
const panel = keepPanel(part("panel"), session, icons, { closed: closePanel, zoom });
const tools = keepTools(part("tools"), { changed: search, step: nextMatch, fold });
const place = keepAddress(goTo);

function draw() {
  if (!fetched) return;
  const { asked } = tools;
  const passed = passing(steps.roots(), { ...asked, found: new Set(found) });
  rows = outline(steps.roots(), passed ? () => true : steps.isOpen, passed);
  places = new Map(rows.map(({ node }, at) => [node.step.id, at]));
  scale.measure();
  tree.setAttribute("aria-rowcount", rows.length + 1);
  tree.setAttribute("tabindex", current && places.has(current) ? "-1" : "0");
  const held = tree.contains(document.activeElement);
  view.show(rows);
  if (held && !tree.contains(document.activeElement)) tree.focus({ preventScroll: true });
  showParts();
}

function showParts() {
  const whole = steps.whole();
  showSum(part("sum"), whole, steps.delegated());
  part("body").hidden = whole.steps === 0 && !run.isRunning();
  part("tools").hidden = whole.steps === 0;
  part("no-step").hidden = whole.steps > 0;
  part("no-match").hidden = whole.steps === 0 || rows.length > 0;
  part("rest")?.remove();
  part("ghost").hidden = !run.isRunning() || steps.running();
}

async function fetchSteps() {
  clearTimeout(fetchTimer);
  asking?.abort(); // the answer to an earlier question may come later
  const { signal } = (asking = new AbortController());
  steps.ask();
  try {
    const response = await fetch(address, { signal });
    if (!response.ok) throw new Error(`no steps, but ${response.status}`);
    if (steps.replace(await response.json())) fetchSoon();
  } catch {
    if (!signal.aborted) fetchTimer = setTimeout(fetchSteps, RETRY);
    return;
  }
  const first = !fetched;
  fetched = true;
  if (tools.text().trim()) found = matches(steps.roots(), tools.text());
  draw();
  root.dataset.ready = "";
  if (first) place.go();
  else showAgain();
}

function fetchSoon() {
  clearTimeout(fetchTimer);
  fetchTimer = setTimeout(fetchSteps, SOON);
}

function showAgain() {
  const node = steps.node(current);
  if (node && panel.isOpen()) panel.open(node, scale.origin(), now(), true);
}


/** Make a step the current one; with `focus`, the keyboard is there as well. */
function choose(id, { focus = true, open = panel.isOpen() } = {}) {
  const node = steps.node(id);
  if (!node) return;
  current = id;
  if (!places.has(id) && (tools.asked.kinds.size || tools.asked.errors || tools.asked.only)) {
    tools.clear();
  }
  for (let up = node.parent; up; up = up.parent) {
    if (!steps.isOpen(up)) steps.setOpen(up, true);
  }
  draw();
  if (open) panel.open(node, scale.origin(), now(), false);
  panel.showZoom(scale.zoomed() === id);
  part("body").toggleAttribute("data-split", open);
  if (open) view.resized();
  view.reveal(places.get(id), ...covered(root));
  if (focus) tree.querySelector(`[data-span="${CSS.escape(id)}"]`)?.focus({ preventScroll: true });
  place.keep(id);
}

function goTo(id) {
  choose(id, { focus: true, open: true });
}

function closePanel() {
  const held = part("panel").contains(document.activeElement);
  panel.close();
  part("body").removeAttribute("data-split");
  view.resized();
  if (held && current) choose(current, { open: false });
}

function move(by) {
  if (rows.length === 0) return;
  const at = places.get(current) ?? (by > 0 ? -1 : rows.length);
  const aim = Math.max(0, Math.min(rows.length - 1, at + by));
  choose(rows[aim].node.step.id);
}

const entry = () => rows[places.get(current)];

function setOpen(node, open) {
  steps.setOpen(node, open);
  draw();
}

function into() {
  const one = entry();
  if (one?.open === false) setOpen(one.node, true);
  else if (one?.open) move(1);
}

function out() {
  const one = entry();
  if (one?.open) setOpen(one.node, false);
  else if (one?.node.parent) choose(one.node.parent.step.id);
}

function openSiblings() {
  const one = entry();
  for (const node of one ? (one.node.parent?.children ?? steps.roots()) : []) {
    if (node.children.length) steps.setOpen(node, true);
  }
  draw();
}

function search(typed) {
  const text = tools.text();
  found = text.trim() ? matches(steps.roots(), text) : [];
  draw();
  tools.tell(found.length, found.indexOf(current));
  if (typed && found.length > 0) show(found.includes(current) ? current : found[0]);
}

/** Bring a match into view while the reader goes on typing. */
function show(id) {
  choose(id, { focus: false });
  tools.tell(found.length, found.indexOf(id));
}

/** Go to the next one of these ids after the current step, round and round. */
function stepAmong(ids, by, go) {
  if (ids.length === 0) return;
  const order = new Map([...steps.nodes().keys()].map((id, at) => [id, at]));
  const from = order.get(current) ?? (by > 0 ? -1 : Infinity);
  const ahead = by > 0 ? ids : [...ids].reverse();
  go(ahead.find((id) => (by > 0 ? order.get(id) > from : order.get(id) < from)) ?? ahead[0]);
}

function nextMatch(by) {
  stepAmong(found, by, show);
}

function fold(open) {
  steps.setAllOpen(open);
  draw();
}

function zoom() {
  if (current === null) return;
  scale.zoom(current);
  draw();
  panel.showZoom(scale.zoomed() === current);
}

function leave(target) {
  if (target.matches?.("[data-search]")) {
    if (target.value) tools.clear();
    else (tree.querySelector('[tabindex="0"]') ?? tree).focus();
    return true;
  }
  if (!panel.isOpen()) return false;
  closePanel();
  return true;
}

tree.addEventListener("click", ({ target }) => {
  const row = target.closest("[data-span]");
  const node = row && steps.node(row.dataset.span);
  if (!node || String(getSelection()).length > 0) return;
  if (target.closest(".step__fold") && node.children.length) {
    current = node.step.id;
    setOpen(node, !steps.isOpen(node));
    choose(current);
  } else choose(node.step.id, { open: true });
});
part("no-match").addEventListener("click", ({ target }) => {
  if (target.closest("[data-clear]")) tools.clear();
});
watchTraceKeys(tree, {
  move,
  into,
  out,
  leave,
  open() {
    choose(current ?? rows[0]?.node.step.id, { open: true });
    panel.focus();
  },
  siblings: openSiblings,
  search: () => tools.focus(),
  zoom,
  failure: (by) => stepAmong(failures(steps.roots()), by, (id) => choose(id)),
});
addEventListener("scroll", () => view.moved(), { passive: true });
addEventListener("resize", () => {
  keepCovered(root);
  if (fetched) view.resized();
});
addEventListener("beforeprint", () => view.print(true));
addEventListener("afterprint", () => view.print(false));

followSession(session, {
  grown(data) {
    const told = steps.take(data);
    if (!told) return;
    onFrame(draw);
    if (told.fetch) fetchSoon();
    if (told.id === current) onFrame(showAgain);
  },
  begun() {
    run.begun();
    onFrame(draw);
  },
  ended(at) {
    run.ended(at);
    fetchSoon(); // what its end did to the steps no event tells
  },
  renewed() {
    run.renewed();
    onFrame(draw);
    fetchSoon();
  },
  alive: () => fetched && (run.isRunning() || steps.running()),
  tick() {
    if (scale.measure()) return draw();
    for (const [row, { node }] of view.drawn()) {
      if (node.total.running > 0) paintTime(row, node, scale.axis(), now());
    }
    panel.tick(steps.node(current), scale.origin(), now());
  },
});
keepCovered(root);
fetchSteps();
