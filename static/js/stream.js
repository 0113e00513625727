// One EventSource for the page's life: it comes back by itself, with the cursor, whatever happened.

import { api } from "./page.js";

const HIDDEN_FOR = 5 * 60_000; // a forgotten tab gives its connection back
const FIRST_RETRY = 1000;
const LAST_RETRY = 15_000;
const QUIET_FOR = 90_000; // three heartbeats: a sleeping machine's socket never says that it died

/**
 * Open the stream. `cursor()` gives where to go on from; `on` has one function an event name, and
 * `open` and `lost`.
 */
export function openStream(cursor, on) {
  let source = null;
  let retry = FIRST_RETRY;
  let quiet = QUIET_FOR;
  let retryTimer = 0;
  let hiddenTimer = 0;
  let heardAt = Date.now();

  function connect() {
    clearTimeout(retryTimer);
    source?.close();
    heardAt = Date.now();
    source = new EventSource(`${api("sse")}?lastEventId=${encodeURIComponent(cursor())}`);
    for (const name of ["connected", "agent", "gateway", "ping", "reset", "lagged"]) {
      source.addEventListener(name, (event) => hear(name, event));
    }
    source.addEventListener("error", onError);
  }

  function hear(name, event) {
    heardAt = Date.now();
    if (name === "connected") {
      retry = FIRST_RETRY;
      on.open();
    }
    if (name === "ping") quiet = QUIET_FOR;
    on[name]?.(event.data ? JSON.parse(event.data) : {}, event.lastEventId);
  }

  function onError() {
    on.lost();
    if (source.readyState !== EventSource.CLOSED) return; // it retries by itself
    clearTimeout(retryTimer);
    retryTimer = setTimeout(connect, retry * (0.75 + Math.random() / 2));
    retry = Math.min(retry * 2, LAST_RETRY);
  }

  function leave() {
    clearTimeout(retryTimer);
    source?.close();
    source = null;
  }

  function returnIfGone() {
    clearTimeout(hiddenTimer);
    if (source === null || source.readyState === EventSource.CLOSED) connect();
    else if (Date.now() - heardAt > quiet) renew();
  }

  function renew() {
    quiet = Math.min(quiet * 2, 10 * 60_000);
    on.lost();
    connect();
  }

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) returnIfGone();
    else hiddenTimer = setTimeout(() => (on.lost(), leave()), HIDDEN_FOR);
  });
  addEventListener("online", returnIfGone);
  addEventListener("pagehide", leave);
  addEventListener("pageshow", (event) => event.persisted && (on.lost(), returnIfGone()));
  setInterval(() => source && Date.now() - heardAt > quiet && renew(), 5000);
  connect();
}
