// Everything that writes to the page does so here: once a frame, however many events came.

const jobs = new Set();
let asked = false;

function run() {
  asked = false;
  const due = [...jobs];
  jobs.clear();
  for (const job of due) {
    try {
      job();
    } catch (error) {
      console.error(error);
    }
  }
}

/** Run this function in the next frame; asked twice, it runs once. */
export function onFrame(job) {
  jobs.add(job);
  if (asked) return;
  asked = true;
  requestAnimationFrame(run);
}
