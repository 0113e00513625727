// Owns the two pills and the banner: the gateway and the stream, apart, each said once.

import { announce } from "./announce.js";
import { instant } from "./format.js";
import { say } from "./page.js";
import { now, setTime } from "./time.js";
import { why } from "./why.js";

const PATIENCE = 2000;
let lostAt = null;
let timer = 0;

const links = () => document.querySelector('[data-block="links"]');
const notice = (name) => document.querySelector(`[data-notice="${name}"]`);
const fact = (root, name) => root.querySelector(`[data-fact="${name}"]`);

/** Whether the page says that the gateway is connected. */
export const gatewayIsUp = () => links()?.dataset.gateway === "connected";

/** Show how the gateway stands. */
export function showGateway(data) {
  const { state, since } = data;
  const root = links();
  if (!root) return;
  root.dataset.gateway = state;
  fact(root, "gateway-word").textContent = say(`gateway.${state}`) || state;
  setTime(root.querySelector(".link--gateway time"), instant(since));
  const words = notice("gateway");
  const lost = state === "refused" || state === "offline";
  fact(words, "title").textContent = say(state === "refused" ? "lost.refused" : "lost.gateway");
  fact(words, "when").hidden = instant(since) === null;
  setTime(words.querySelector("time"), instant(since));
  showWhy(words, data);
  words.hidden = !lost;
}

function showWhy(words, data) {
  const reason = fact(words, "reason");
  reason.textContent = why(data);
  if (reason.textContent === data.reason) reason.lang = "en";
  else reason.removeAttribute("lang");
  fact(words, "check").hidden = Boolean(data.command);
  const command = fact(words, "command");
  command.textContent = data.command ?? command.dataset.else;
}

function showStream(state, since) {
  const root = links();
  if (!root) return;
  root.dataset.stream = state;
  fact(root, "stream-word").textContent = say(`stream.${state}`);
  setTime(root.querySelector(".link--stream time"), since);
}

export function streamConnecting() {
  if (lostAt === null) showStream("connecting", null);
}

export function streamLive() {
  clearTimeout(timer);
  showExpired(false);
  const words = notice("stream");
  if (words && !words.hidden) announce([say("back.stream")]);
  if (words) words.hidden = true;
  lostAt = null;
  showStream("live", null);
}

/** The stream broke at this moment: the pill says so at once, the banner only if it lasts. */
export function streamLost(when) {
  if (lostAt !== null) return;
  lostAt = now(when);
  showStream("lost", lostAt);
  timer = setTimeout(() => {
    const words = notice("stream");
    setTime(words.querySelector("time"), lostAt);
    words.hidden = false;
  }, PATIENCE);
}

/** Nothing comes any more, until somebody logs in: said once, in place of the outage. */
export function streamExpired() {
  clearTimeout(timer);
  notice("stream").hidden = true;
  showExpired(true);
}

function showExpired(expired) {
  const words = notice("session");
  if (words) words.hidden = !expired;
}

/** Put back what belongs to this page and not to the server, after blocks were replaced. */
export function reshowStream() {
  if (lostAt === null) showStream("live", null);
  else showStream("lost", lostAt);
}
