// Owns the search and the filters of the tree.

import { count } from "./format.js";
import { say } from "./page.js";
import { folded } from "./trace-outline.js";

const PAUSE = 90; // milliseconds: a word is typed before it is looked for

/**
 * Keep the tools; `changed(typed)` where what they ask for is another, `step(by)` where the reader
 * goes to the next or the previous match, `fold(open)` where all is to be opened or closed.
 */
export function keepTools(root, { changed, step, fold }) {
  const field = root.querySelector("[data-search]");
  const found = root.querySelector("[data-found]");
  const kinds = new Set();
  const asked = { kinds, errors: false, only: false };
  let timer = 0;

  function press(button, on) {
    button.setAttribute("aria-pressed", on);
  }

  function toggle(button) {
    const on = button.getAttribute("aria-pressed") !== "true";
    press(button, on);
    const { kind } = button.dataset;
    if (kind && on) kinds.add(kind);
    else if (kind) kinds.delete(kind);
    else asked["errors" in button.dataset ? "errors" : "only"] = on;
    changed(false);
  }

  root.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    if (button.hasAttribute("aria-pressed")) toggle(button);
    else if ("next" in button.dataset) step(1);
    else if ("previous" in button.dataset) step(-1);
    else fold("openAll" in button.dataset);
  });
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(changed, PAUSE, true);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    step(event.shiftKey ? -1 : 1);
  });

  return {
    asked,
    text: () => field.value,
    words: () => folded(field.value).split(/\s+/u).filter(Boolean),

    focus() {
      field.focus();
      field.select();
    },

    /** Say how many were found, and which of them is the one in view (from 0, or -1). */
    tell(number, at) {
      root.querySelector(".tools__search").dataset.some = String(number > 0);
      if (field.value.trim() === "") found.textContent = "";
      else if (number === 0) found.textContent = say("search.none");
      else found.textContent = say("search.found", { n: number, count: count(number), at: at < 0 ? "–" : count(at + 1) });
    },

    clear() {
      field.value = "";
      kinds.clear();
      asked.errors = asked.only = false;
      for (const button of root.querySelectorAll("[aria-pressed]")) press(button, false);
      changed(false);
    },
  };
}
