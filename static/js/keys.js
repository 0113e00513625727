// Owns the keys that work on every page: `?` shows them, `/` filters, `g` and a letter goes.

import { clearFilter } from "./filter.js";

const SEQUENCE = 1500; // milliseconds between `g` and its letter
let first = "";
let timer = 0;

const sheet = () => document.querySelector("[data-keys]");
const field = () => document.querySelector("[data-filter-text]");
const typing = (node) => node.matches?.("input, textarea, select, [contenteditable]");

function forget() {
  clearTimeout(timer);
  first = "";
}

function expect(key) {
  forget();
  first = key;
  timer = setTimeout(forget, SEQUENCE);
}

function go(keys) {
  const link = document.querySelector(`[data-go="${keys}"]`);
  link?.click();
  return Boolean(link);
}

function filter() {
  if (!field()) return go("g a");
  field().focus();
  field().select();
  return true;
}

function leave(target) {
  if (target !== field()) return clearFilter();
  target.blur();
  return clearFilter();
}

function press(key, target) {
  if (key === "Escape") return leave(target);
  if (typing(target)) return false;
  if (first === "g") {
    forget();
    return go(`g ${key.toLowerCase()}`);
  }
  if (key === "g") expect(key);
  if (key === "/") return filter();
  if (key !== "?") return false;
  sheet()?.showModal();
  return true;
}

/** Listen to the keyboard; whoever listens closer to the focus comes first. */
export function watchKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (sheet()?.open || event.isComposing) return;
    if (press(event.key, event.target)) event.preventDefault();
  });
  const button = document.querySelector("[data-show-keys]");
  if (button) button.hidden = false;
  button?.addEventListener("click", () => sheet().showModal());
  sheet()?.addEventListener("click", ({ target }) => target === sheet() && sheet().close());
}
