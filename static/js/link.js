// Keeps this tab on the stream while somebody may look at it: on the browser's, else on its own.

import { api } from "./page.js";
import { joinStream } from "./shared.js";
import { openStream } from "./stream.js";

const HIDDEN_FOR = 5 * 60_000; // a forgotten tab leaves

/**
 * Keep the link. `cursor()` gives where to go on from; `on` has one function an event name, called
 * with its data, its id, and when it came; `lost` is one of them.
 */
export function keepLink(cursor, on) {
  let link = null;
  let sharing = "SharedWorker" in window;
  let hiddenTimer = 0;

  const hear = ({ name, text, id, at }) => on[name]?.(JSON.parse(text), id, at);
  const lose = () => on.lost({}, "", Date.now());

  function join() {
    if (sharing) link = share();
    link ??= openStream(api("sse"), cursor(), hear);
  }

  function share() {
    try {
      return joinStream(api("sse"), cursor(), hear, onGone);
    } catch {
      sharing = false; // the browser's settings forbid it
      return null;
    }
  }

  function joinAgain() {
    lose();
    join();
  }

  function onGone(answered) {
    link = null;
    sharing = answered;
    if (answered) joinAgain();
    else join();
  }

  function leave() {
    link?.leave();
    link = null;
  }

  function wake() {
    if (link) link.wake();
    else joinAgain();
  }

  function lookAround() {
    clearTimeout(hiddenTimer);
    if (!document.hidden) wake();
    else hiddenTimer = setTimeout(() => (lose(), leave()), HIDDEN_FOR);
  }

  join();
  lookAround();
  document.addEventListener("visibilitychange", lookAround);
  addEventListener("online", wake);
  addEventListener("pagehide", leave);
  addEventListener("pageshow", (event) => event.persisted && wake());
}
