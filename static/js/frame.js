// Everything that writes to the page does so here: once a frame, however many events came.

const SHARE = 4; // of the time, a quarter at most is for writing: the rest is the reader's
const CHEAP = 12; // milliseconds: what a frame may take without a rest after it
const REST = 1000; // and the longest one

const jobs = new Set();
let asked = false;
let restUntil = 0;

function run() {
  asked = false;
  const started = performance.now();
  const due = [...jobs];
  jobs.clear();
  for (const job of due) {
    try {
      job();
    } catch (error) {
      console.error(error);
    }
  }
  setTimeout(() => rest(started)); // which is after the page was laid out and painted
}

function rest(started) {
  const took = performance.now() - started;
  if (took > CHEAP) restUntil = performance.now() + Math.min(REST, took * (SHARE - 1));
}

/** Run this function in the next frame, or after a rest where the last one was dear. */
export function onFrame(job) {
  jobs.add(job);
  if (asked) return;
  asked = true;
  const wait = restUntil - performance.now();
  if (wait > 0) setTimeout(() => requestAnimationFrame(run), wait);
  else requestAnimationFrame(run);
}
