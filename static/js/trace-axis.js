// The axis of time that all bars share. palais/web/waterfall.py draws the same one.

import { duration } from "./format.js";

const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000];
const STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
];
const TICKS = 5;
const ROOM = 1.12; // what goes on gets room ahead, so that the axis need not change all the time
const SVG = "http://www.w3.org/2000/svg";

export const percent = (part, whole) => `${Number(((part * 100) / whole).toFixed(3))}%`;

/** An axis from `start` to `end`; while it is `alive`, the last one is kept as long as it has room. */
export function axisOf(start, end, alive, last) {
  if (alive && last && last.start === start && end <= start + last.length) return last;
  return { start, length: Math.max(1, Math.round((end - start) * (alive ? ROOM : 1))) };
}

/** Where a bar from `start` to `end` lies, as SVG lengths; null where that is not on the axis. */
export function barOn(axis, start, end) {
  if (start === null) return null;
  const last = axis.start + axis.length;
  if (start > last || (end ?? start) < axis.start) return null;
  const from = Math.max(start, axis.start);
  const took = Math.max(0, Math.min(end ?? start, last) - from, axis.length / 2000);
  return { x: percent(from - axis.start, axis.length), width: percent(took, axis.length) };
}

function ticks(length) {
  const step =
    STEPS.find((one) => length <= one * TICKS) ?? DAY * Math.ceil(length / (DAY * TICKS));
  return Array.from({ length: Math.floor(length / step) + 1 }, (_, at) => at * step);
}

const made = (name, attributes, text = "") => {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.textContent = text;
  return node;
};

/** Draw the ticks into the head, and their lines behind the rows. */
export function drawAxis(axis, head, grid) {
  const marks = ticks(axis.length);
  const x = (ms) => percent(ms, axis.length);
  grid.replaceChildren(
    ...marks.map((ms) => made("line", { x1: x(ms), x2: x(ms), y1: "0", y2: "100%" })),
  );
  head.replaceChildren(
    ...marks.map((ms) => {
      const edge = ms === 0 ? "axis__first" : ms > axis.length * 0.93 ? "axis__last" : null;
      const where = { x: x(ms), y: "65%", ...(edge ? { class: edge } : {}) };
      return made("text", where, ms ? duration(ms) : "0");
    }),
  );
}
