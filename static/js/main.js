// Joins the parts: each event once, in order, to whoever owns what it changes.

import { applyToAgents, setObserved } from "./agents.js";
import { applyToBudgets } from "./budgets.js";
import { gatewayIsUp, reshowStream, showGateway } from "./connection.js";
import { streamConnecting, streamExpired, streamLive, streamLost } from "./connection.js";
import { applyToCounters, showCounters } from "./counters.js";
import { arrange, watchCourt } from "./court.js";
import { reaches } from "./cursor.js";
import { applyToFeed, clearFeed, watchFeed } from "./feed.js";
import { watchFilter } from "./filter.js";
import { tellEvent, tellRenewed } from "./heard.js";
import { watchKeys } from "./keys.js";
import { keepPlace } from "./language.js";
import { keepLink } from "./link.js";
import { cursor } from "./page.js";
import { later, resync } from "./resync.js";
import { keepCharts } from "./spark.js";
import { applyToSpending, keepSpending } from "./spending.js";
import { keepTime, noteServerTime } from "./time.js";

const BUFFER = 5000;
let at = cursor(); // the last event that this page knows
let waiting = null; // events that came while the page was being fetched
let again = false; // the page was to be made right while it was being made
let told = null; // what came of the gateway meanwhile: the page that was fetched may be older
let connectedBefore = false;

function take(data, id) {
  if (waiting) {
    waiting.push([data, id]);
    if (waiting.length > BUFFER) waiting.shift();
    return;
  }
  const live = data.type === "agent.presence";
  if (!live && id) {
    if (reaches(at, id)) return;
    at = id;
  }
  applyToCounters(data);
  applyToAgents(data);
  applyToFeed(data, id);
  applyToSpending(data);
  tellEvent(data);
  applyToBudgets(data, makeRight);
}

async function makeRight() {
  again = waiting !== null;
  if (again) return;
  waiting = [];
  told = null;
  const done = await resync();
  const missed = waiting;
  const wasAgain = again;
  waiting = null;
  if (done) {
    at = cursor();
    clearFeed();
    reshowStream();
    if (told) stand(told);
    showCounters();
    arrange();
    tellRenewed();
  } else {
    later(makeRight);
  }
  for (const [data, id] of missed) take(data, id);
  if (done && wasAgain) makeRight();
}

function stand(data) {
  told = data;
  showGateway(data);
  setObserved(data.state === "connected");
}

let rest = null;
let watched = false;

async function fetchRest(event) {
  if (watched) return;
  rest ??= import("./hours.js");
  const hours = await rest;
  if (!watched) hours.watchHours();
  watched = true;
  hours.take(event);
}

keepTime();
watchFeed(makeRight);
watchCourt();
watchFilter(arrange);
watchKeys();
// What few need comes when they point at it, or are about to.
addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-copy-command]");
  if (button) import("./command.js").then((command) => command.take(button));
});
addEventListener("focusin", fetchRest, { once: true });
addEventListener("pointerover", fetchRest, { once: true });
addEventListener("keydown", fetchRest, { once: true });
keepCharts();
keepSpending();
streamConnecting();
keepLink(() => at, {
  lost: (_, __, when) => streamLost(when),
  expired: streamExpired,
  connected(data, _, when) {
    streamLive();
    noteServerTime(data.ts, when);
    if (connectedBefore || !gatewayIsUp()) makeRight();
    connectedBefore = true;
  },
  ping: (data, _, when) => noteServerTime(data.ts, when),
  agent: take,
  gateway: stand,
  reset: makeRight,
});
keepPlace();
