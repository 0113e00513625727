// Owns what the trace knows of the run itself: from when to when, and whether it goes on.

import { instant } from "./format.js";

/** Keep it; `steps` is the element that carries it at first. */
export function keepRun(steps) {
  const start = instant(steps.dataset.started);
  let end = instant(steps.dataset.ended);
  let running = steps.dataset.running === "true";

  return {
    /** `{ start, end, running }`, in milliseconds. */
    now: () => ({ start, end, running }),
    isRunning: () => running,

    begun() {
      running = true;
    },

    ended(at) {
      running = false;
      end = at;
    },

    /** Learn from the page, made right after its events were missed, how the run stands by now. */
    renewed() {
      const { status, ended } = document.querySelector('[data-block="trace"]').dataset;
      running = status === "running";
      end = instant(ended);
    },
  };
}
