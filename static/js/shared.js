// This tab's share of the stream that a SharedWorker holds for all tabs of the browser.

const PROTOCOL = 1; // another number where tabs of the last version would not understand the worker
const START = 10_000;
const QUIET_FOR = 70_000; // three questions of the worker: it does not say that it died

/**
 * Join the shared stream, as `openStream` would open one. Where the worker is not there any more,
 * or takes this tab for dead, `gone` is called once: with whether it ever answered.
 */
export function joinStream(url, cursor, hear, gone) {
  const name = `palais ${PROTOCOL}`;
  const worker = new SharedWorker(new URL("worker.js", import.meta.url), { type: "module", name });
  const { port } = worker;
  let answered = false;
  let heardAt = Date.now();

  const say = (word, more = {}) => port.postMessage({ name: word, ...more });

  function take({ data }) {
    answered = true;
    heardAt = Date.now();
    if (data.name === "there?") say("here");
    else if (data.name === "dropped") end();
    else if (data.name !== "joined") hear(data);
  }

  function leave() {
    clearInterval(watch);
    say("leave");
    worker.onerror = port.onmessage = null;
    port.close();
  }

  function end() {
    leave();
    gone(answered);
  }

  const silent = () => Date.now() - heardAt > (answered ? QUIET_FOR : START);
  const watch = setInterval(() => silent() && end(), 2000);
  worker.onerror = end;
  port.onmessage = take;
  say("join", { url, cursor });
  return { wake: () => say("wake"), leave };
}
