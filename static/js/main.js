// Joins the parts: each event once, in order, to whoever owns what it changes.

import { applyToAgents, setObserved } from "./agents.js";
import { gatewayIsUp, reshowStream, showGateway } from "./connection.js";
import { streamConnecting, streamLive, streamLost } from "./connection.js";
import { applyToFeed, clearFeed, watchFeed } from "./feed.js";
import { cursor } from "./page.js";
import { later, resync } from "./resync.js";
import { applyToSessions } from "./sessions.js";
import { openStream } from "./stream.js";
import { keepTime, noteServerTime } from "./time.js";

const BUFFER = 5000;
let at = cursor(); // the last event that this page knows
let waiting = null; // events that came while the page was being fetched
let connectedBefore = false;

function position(text) {
  const dot = text.lastIndexOf(".");
  return [text.slice(0, dot), Number(text.slice(dot + 1))];
}

function known(id) {
  const [epoch, number] = position(id);
  const [ours, seen] = position(at);
  return epoch === ours && number <= seen;
}

function take(data, id) {
  if (waiting) {
    waiting.push([data, id]);
    if (waiting.length > BUFFER) waiting.shift();
    return;
  }
  const live = data.type === "agent.presence";
  if (!live && id) {
    if (known(id)) return;
    at = id;
  }
  applyToAgents(data);
  applyToFeed(data);
  applyToSessions(data);
}

async function makeRight() {
  if (waiting) return;
  waiting = [];
  const done = await resync();
  const missed = waiting;
  waiting = null;
  if (done) {
    at = cursor();
    clearFeed();
    reshowStream();
  } else {
    later(makeRight);
  }
  for (const [data, id] of missed) take(data, id);
}

keepTime();
watchFeed();
streamConnecting();
openStream(() => at, {
  open: streamLive,
  lost: streamLost,
  connected(data) {
    noteServerTime(data.ts);
    if (connectedBefore || !gatewayIsUp()) makeRight();
    connectedBefore = true;
  },
  ping: (data) => noteServerTime(data.ts),
  agent: take,
  gateway(data) {
    showGateway(data);
    setObserved(data.state === "connected");
  },
  reset: makeRight,
});
