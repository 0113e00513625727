// One EventSource: it comes back by itself, with the cursor, whatever happened. It knows no page.

import { isKnown } from "./known.js";

const EVENTS = ["connected", "agent", "gateway", "ping", "reset", "lagged"];
const FIRST_RETRY = 1000;
const LAST_RETRY = 15_000;
const QUIET_FOR = 90_000; // three heartbeats: a sleeping machine's socket never says that it died

/**
 * Open the stream at `url`, to go on from `cursor`. `hear` gets each event: `{ name, text, id, at }`,
 * with its id, if it has one of its own, and when it came (Date.now()). `lost` comes once an outage;
 * `expired` where the server lets us in no more: then it rests until it is woken.
 */
export function openStream(url, cursor, hear) {
  let source = null;
  let last = cursor;
  let head = cursor;
  let seen = ""; // a source repeats its last id on events that have none
  let lost = false;
  let retry = FIRST_RETRY;
  let quiet = QUIET_FOR;
  let retryTimer = 0;
  let heardAt = 0;

  function connect() {
    clearTimeout(retryTimer);
    source?.close();
    seen = "";
    heardAt = Date.now();
    source = new EventSource(`${url}?lastEventId=${encodeURIComponent(last)}`);
    for (const name of EVENTS) source.addEventListener(name, (event) => take(name, event));
    source.addEventListener("error", onError);
  }

  function take(name, { data, lastEventId }) {
    heardAt = Date.now();
    const id = lastEventId === seen ? "" : lastEventId;
    seen = lastEventId;
    if (id) last = id;
    if (name === "connected") onConnected(JSON.parse(data));
    if (name === "reset") last = head;
    if (name === "ping") quiet = QUIET_FOR;
    hear({ name, text: data, id, at: heardAt });
  }

  function onConnected(data) {
    head = `${data.epoch}.${data.head}`;
    retry = FIRST_RETRY;
    lost = false;
  }

  function onError() {
    sayLost();
    restIfExpired(source);
    if (source.readyState !== EventSource.CLOSED) return; // it retries by itself
    clearTimeout(retryTimer);
    retryTimer = setTimeout(connect, retry * (0.75 + Math.random() / 2));
    retry = Math.min(retry * 2, LAST_RETRY);
  }

  // An EventSource does not tell why it ended, or was refused.
  async function restIfExpired(refused) {
    const known = await isKnown(new URL("health", new URL(url, location.href)));
    if (known !== false || source !== refused) return;
    clearTimeout(retryTimer);
    source.close();
    hear({ name: "expired", text: "{}", id: "", at: Date.now() });
  }

  function sayLost() {
    if (lost) return;
    lost = true;
    hear({ name: "lost", text: "{}", id: "", at: Date.now() });
  }

  const silent = () => Date.now() - heardAt > quiet;

  function renew() {
    quiet = Math.min(quiet * 2, 10 * 60_000);
    sayLost();
    connect();
  }

  const watch = setInterval(() => silent() && renew(), 5000);
  connect();
  return {
    /** There is reason to think that the server can be reached: do not wait for the next attempt. */
    wake() {
      if (source.readyState === EventSource.CLOSED) connect();
      else if (silent()) renew();
    },

    leave() {
      clearInterval(watch);
      clearTimeout(retryTimer);
      source.close();
    },
  };
}
