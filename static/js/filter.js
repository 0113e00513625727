// Owns the filter of the court: by status with the counters, by text; both live in the address.

import { announce } from "./announce.js";
import { onFrame } from "./frame.js";
import { say } from "./page.js";

const MARKS = /\p{M}/gu;
const folded = (text) => text.toLowerCase().normalize("NFKD").replace(MARKS, "");

const court = () => document.querySelector("[data-court]");
const field = () => document.querySelector("[data-filter-text]");
const fact = (card, name) => card.querySelector(`[data-fact="${name}"]`)?.textContent ?? "";

/** What the address asks for; `takes(card, standing)` says whether a card is part of it. */
export function choice() {
  const asked = new URLSearchParams(location.search);
  const status = asked.get("status") ?? "";
  const text = asked.get("q") ?? "";
  const words = folded(text).split(/\s+/u).filter(Boolean);
  return {
    status,
    text,
    takes(card, standing) {
      if (status && standing !== status) return false;
      if (words.length === 0) return true;
      const model = card.querySelector('[data-fact="model"]')?.title ?? "";
      const said = [fact(card, "name"), fact(card, "persona"), card.dataset.agentId, model];
      const all = folded(said.join(" "));
      return words.every((word) => all.includes(word));
    },
  };
}

function address(status, text) {
  const asked = new URLSearchParams(location.search); // what the feed shows is in it as well
  for (const [name, value] of Object.entries({ status, q: text })) {
    if (value) asked.set(name, value);
    else asked.delete(name);
  }
  const query = asked.toString();
  return location.pathname + (query ? `?${query}` : "");
}

/** Start the filter; `apply` shows the court as the address has it. */
export function watchFilter(apply) {
  if (!court()) return;

  function show() {
    const { status, text } = choice();
    for (const link of document.querySelectorAll("[data-filter]")) {
      const chosen = link.dataset.filter === status;
      link.href = address(chosen ? "" : link.dataset.filter, text);
      if (chosen) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    for (const link of document.querySelectorAll(".filter [data-filter-clear]")) {
      link.hidden = !status && !text;
    }
    if (field().value.trim() !== text.trim()) field().value = text;
    apply();
    onFrame(tell);
  }

  function go(status, text, how) {
    if (address(status, text) === location.pathname + location.search) return;
    history[how](null, "", address(status, text));
    show();
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-filter], [data-filter-clear]");
    const plain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!link || !plain) return;
    event.preventDefault();
    const asked = new URL(link.href).searchParams;
    if (!asked.has("q")) field().value = "";
    go(asked.get("status") ?? "", asked.get("q") ?? "", "pushState");
  });
  field().form.addEventListener("submit", (event) => event.preventDefault());
  field().addEventListener("input", () => go(choice().status, field().value.trim(), "replaceState"));
  addEventListener("popstate", show);
  show();
}

let told = "";

function tell() {
  const number = [...court().children].filter((card) => !card.hidden).length;
  const words = say("agents", { n: number });
  if (told && told !== location.search + words) announce([words]);
  told = location.search + words;
}

/** Show all agents again; says whether that changed anything. */
export function clearFilter() {
  const link = document.querySelector(".filter [data-filter-clear]");
  if (!link || link.hidden) return false;
  link.click();
  return true;
}
