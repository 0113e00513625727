// Lets a trace grow: events of its steps, the end of its run, and time that passes.

import { instant } from "./format.js";
import { listen } from "./heard.js";
import { applyToSessions } from "./sessions.js";

const TICK = 250;
const SLOW = 1000; // where somebody wants less motion
const still = matchMedia("(prefers-reduced-motion: reduce)");

/** Follow a session: `grown(event)`, `ended(at)`, `renewed()`, and `tick()` while it is `alive()`. */
export function followSession(session, { grown, begun, ended, renewed, alive, tick }) {
  listen({
    event(data) {
      applyToSessions(data);
      if (data.type === "span.started" || data.type === "span.completed") grown(data);
      if (data.sessionId !== session) return;
      if (data.type === "session.started") begun();
      if (data.type === "session.completed") ended(instant(data.endedAt ?? data.ts));
    },
    renewed,
  });

  let last = 0;
  setInterval(() => {
    const at = performance.now();
    if (document.hidden || !alive() || (still.matches && at - last < SLOW)) return;
    last = at;
    tick();
  }, TICK);
}
