// Owns the axis: all of the session, or as much of it as one step with all below it took.

import { axisOf, drawAxis } from "./trace-axis.js";

/** Keep it; `run()` gives `{ start, end, running }` of the session, in milliseconds. */
export function keepScale(steps, run, head, grid, now) {
  let axis = null;
  let zoomed = null; // the id of a step
  let origin = 0;

  function whole() {
    const { start, end, running } = run();
    const total = steps.whole();
    const alive = running || steps.running();
    const ends = [total.end, end, alive ? now() : null].filter((one) => one !== null);
    origin = Math.min(start, total.start ?? start);
    return axisOf(origin, Math.max(origin, ...ends), alive, zoomed ? null : axis);
  }

  function part(node) {
    const { start, end, running } = node.total;
    return start === null ? null : axisOf(start, running ? now() : (end ?? start), running, axis);
  }

  return {
    axis: () => axis,
    origin: () => origin,
    zoomed: () => zoomed,

    /** Look closer at this step, or again at all where it is the one that is looked at. */
    zoom(id) {
      zoomed = zoomed === id ? null : id;
      axis = null;
    },

    /** Measure anew; returns whether the axis is another one, which is drawn then. */
    measure() {
      const all = whole();
      const node = zoomed === null ? null : steps.node(zoomed);
      const next = (node && part(node)) ?? all;
      if (next.start === axis?.start && next.length === axis?.length) return false;
      axis = next;
      drawAxis(axis, head, grid);
      return true;
    },
  };
}
