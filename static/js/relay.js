// Gives one stream to all tabs of the browser; to a newcomer first what it lacks.

import { keepRecent } from "./recent.js";
import { openStream } from "./stream.js";

const ASK_EVERY = 20_000;
const UNANSWERED = 3; // a port does not say that its tab is gone

const reset = () => ({ name: "reset", text: "{}", id: "", at: Date.now() });

/**
 * Start a relay, which has a stream for as long as it has tabs. The function returned takes what a
 * tab says on its port: `join` (with `url` and `cursor`), `here`, `wake` or `leave`.
 */
export function startRelay() {
  const asked = new Map(); // each tab's port, and the questions that it did not answer
  const state = new Map(); // how the stream stands: the events that say so
  const recent = keepRecent();
  let stream = null;

  function hear(event) {
    note(event);
    for (const port of asked.keys()) port.postMessage(event);
  }

  function note(event) {
    const { name, id } = event;
    if (name === "connected" || name === "lost") state.clear();
    if (name === "connected" || name === "lost" || name === "gateway") state.set(name, event);
    if (name === "reset") recent.begin(null);
    if (id) recent.add(event);
  }

  function join(port, { url, cursor }) {
    if (!stream) {
      recent.begin(cursor);
      stream = openStream(url, cursor, hear);
    }
    asked.set(port, 0);
    port.postMessage({ name: "joined" });
    for (const event of state.values()) port.postMessage(event);
    for (const event of recent.after(cursor) ?? [reset()]) port.postMessage(event);
    stream.wake();
  }

  function leave(port) {
    asked.delete(port);
    port.close();
    if (asked.size > 0) return;
    stream?.leave();
    stream = null;
    state.clear();
  }

  function ask() {
    for (const [port, unanswered] of asked) {
      port.postMessage({ name: unanswered < UNANSWERED ? "there?" : "dropped" });
      if (unanswered < UNANSWERED) asked.set(port, unanswered + 1);
      else leave(port);
    }
  }

  setInterval(ask, ASK_EVERY);
  return function take(port, message) {
    if (message.name === "join") join(port, message);
    else if (!asked.has(port)) return;
    else if (message.name === "leave") leave(port);
    else asked.set(port, 0);
    if (message.name === "wake") stream?.wake();
  };
}
