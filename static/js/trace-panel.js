// Owns the panel: one step in full. What agents say goes in as text nodes, and as nothing else.

import { announce } from "./announce.js";
import { count, duration, exact, price } from "./format.js";
import { api, nameOf, say, sessionPlace } from "./page.js";
import { pretty, tint } from "./trace-json.js";
import { kindOf, kindWord, many, stateWord, sum, timeOf } from "./trace-row.js";
import { isRunning } from "./trace-tree.js";

const PATIENCE = 120; // milliseconds: who walks through the rows does not fetch each of them
const part = encodeURIComponent;

const plainId = ({ id, sessionId }, home) =>
  sessionId === home ? id : id.slice(sessionId.length + 1);

const placeOf = (step, home) =>
  api(
    `v1/agents/${part(step.agentId)}/sessions/${part(step.sessionId)}/spans/${part(plainId(step, home))}`,
  );

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    announce([say("copy.done")]);
  } catch {
    announce([say("copy.failed")]);
  }
}

/** Keep the panel of a session; the reader has it `closed()`, and looks closer by `zoom()`. */
export function keepPanel(panel, home, icons, { closed, zoom }) {
  let shown = null; // the id of the step
  let timer = 0;
  let asking = null;

  const slot = (name) => panel.querySelector(`[data-show="${name}"]`);

  function show(name, text) {
    const node = slot(name);
    if (node.textContent !== text) node.textContent = text;
    const row = node.closest("[data-row]");
    if (row) row.hidden = text === "";
  }

  function showTimes({ step, total, children }, origin, now) {
    const after = step.start === null ? null : Math.round(step.start - origin);
    const offset = after > 0 ? ` · ${say("span.at", { time: duration(after) })}` : "";
    show("start", step.start === null ? say("span.unknown") : exact(step.start) + offset);
    show("end", step.end === null ? stateWord(step) : exact(step.end));
    const last = isRunning(step) ? now : step.end;
    const own = { start: step.start, end: last, running: Number(isRunning(step)) };
    show("duration", timeOf(own, now));
    show("own", children.length && total.own !== null ? duration(Math.round(total.own)) : "");
  }

  function showFigures({ step, total, children }) {
    const call = step.type === "llm_call";
    const figure = (value, write) => (call ? sum(value, 1, write).replace("≥\u00a0", "") : sum(value, 0, write));
    show("in", figure(step.tokensIn, count));
    show("out", figure(step.tokensOut, count));
    show("read", sum(step.cacheRead, 0, count));
    show("write", sum(step.cacheWrite, 0, count));
    show("cost", figure(step.cost, price));
    const below = children.length > 0;
    const failed = total.errors - Number(step.status === "error");
    const words = [many("span.steps", total.steps - 1)];
    if (failed > 0) words.push(many("span.failed", failed));
    show("below", below ? words.join(" · ") : "");
    show("allTokens", below ? withMissing(sum(total.tokens, total.uncounted, count), "uncounted", total) : "");
    show("allCost", below ? withMissing(sum(total.cost, total.unpriced, price), "unpriced", total) : "");
  }

  const withMissing = (words, name, total) =>
    total[name] > 0 ? `${words} · ${many(`span.${name}`, total[name])}` : words;

  function showWords({ step }) {
    panel.dataset.type = kindOf(step);
    panel.dataset.state = step.status ?? "";
    panel.querySelector("[data-panel-icon]").setAttribute("href", `${icons}#step-${kindOf(step)}`);
    show("kind", kindWord(step));
    show("state", stateWord(step));
    show("name", step.name);
    show("title", step.title ?? "");
    show("agent", nameOf(step.agentId));
    show("model", step.model ?? "");
    show("id", plainId(step, home));
    show("error", step.error ?? "");
    slot("error").hidden = !step.error;
    const child = panel.querySelector("[data-child]");
    child.hidden = !(step.childSessionId && step.childAgentId);
    if (child.hidden) return;
    panel.querySelector("[data-child-link]").href = sessionPlace(step.childAgentId, step.childSessionId);
    show("child", nameOf(step.childAgentId));
  }

  function showContent(whole) {
    for (const name of ["input", "output"]) {
      const section = panel.querySelector(`[data-said="${name}"]`);
      const text = whole?.[name] ?? "";
      section.hidden = text === "";
      section.querySelector("[data-clipped]").hidden = !whole?.[`${name}Clipped`];
      section.told = text;
      section.json = pretty(text);
      const toggle = section.querySelector("[data-plain]");
      toggle.hidden = section.json === null;
      write(section, toggle.getAttribute("aria-pressed") === "true");
    }
    const nothing = whole && !whole.input && !whole.output;
    panel.querySelector("[data-nothing]").hidden = !nothing;
  }

  function write(section, plain) {
    const text = section.querySelector("[data-text]");
    if (section.json === null || plain) text.textContent = section.told;
    else tint(text, section.json);
  }

  async function fetchContent(step) {
    asking?.abort();
    asking = new AbortController();
    try {
      const response = await fetch(placeOf(step, home), { signal: asking.signal });
      if (shown === step.id) showContent(response.ok ? await response.json() : null);
    } catch {
      // Another step was chosen; or out of reach, and the stream says so.
    }
    panel.removeAttribute("aria-busy");
  }

  panel.addEventListener("click", ({ target }) => {
    const section = target.closest("[data-said]");
    const toggle = target.closest("[data-plain]");
    if (toggle) {
      const plain = toggle.getAttribute("aria-pressed") !== "true";
      toggle.setAttribute("aria-pressed", plain);
      write(section, plain);
    } else if (target.closest("[data-copy]")) copy(section.told);
    else if (target.closest("[data-copy-link]")) copy(location.href);
    else if (target.closest("[data-zoom]")) zoom();
    else if (target.closest("[data-close-panel]")) closed();
  });

  return {
    isOpen: () => !panel.hidden,

    /** Show a step; `again` where the same one is shown as it has become. */
    open(node, origin, now, again) {
      const other = shown !== node.step.id;
      shown = node.step.id;
      panel.hidden = false;
      showWords(node);
      showTimes(node, origin, now);
      showFigures(node);
      if (!other && !again) return;
      if (other) {
        showContent(null);
        panel.setAttribute("aria-busy", "true");
        panel.querySelector("[data-panel-scroll]").scrollTop = 0;
      }
      clearTimeout(timer);
      timer = setTimeout(fetchContent, PATIENCE, node.step);
    },

    tick(node, origin, now) {
      if (shown === node?.step.id && !panel.hidden) showTimes(node, origin, now);
    },

    showZoom: (on) => panel.querySelector("[data-zoom]").setAttribute("aria-pressed", on),

    focus: () => slot("name").focus({ preventScroll: true }),

    close() {
      shown = null;
      panel.hidden = true;
    },
  };
}
