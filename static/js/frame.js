// Everything that writes to the page does so here: once a frame, however many events came.

const SHARE = 4; // of the time, a quarter at most is for writing: the rest is the reader's
const CHEAP = 12; // milliseconds: what a frame may take without a rest after it
const REST = 1000; // and the longest one
const SLICE = 3; // milliseconds after which no further job begins: its turn is the next frame

const jobs = new Set();
let asked = false;
let restUntil = 0;

function run() {
  const started = performance.now();
  for (const job of [...jobs]) {
    jobs.delete(job);
    attempt(job);
    if (performance.now() - started > SLICE) break;
  }
  setTimeout(() => rest(started)); // which is after the page was laid out and painted
}

function attempt(job) {
  try {
    job();
  } catch (error) {
    console.error(error);
  }
}

function rest(started) {
  const took = performance.now() - started;
  if (took > CHEAP) restUntil = performance.now() + Math.min(REST, took * (SHARE - 1));
  asked = false;
  if (jobs.size > 0) ask();
}

function ask() {
  asked = true;
  const wait = restUntil - performance.now();
  if (wait > 0) setTimeout(() => requestAnimationFrame(run), wait);
  else requestAnimationFrame(run);
}

/** Run this function in the next frame that has room, or after a rest where the last was dear. */
export function onFrame(job) {
  jobs.add(job);
  if (!asked) ask();
}
