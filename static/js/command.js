// Copies a command to be run elsewhere; where the browser forbids that, it is selected instead.

import { announce } from "./announce.js";

const SAID_FOR = 2500;
let timer = 0;

function select(node) {
  const selection = getSelection();
  selection.removeAllRanges();
  const range = document.createRange();
  range.selectNodeContents(node);
  selection.addRange(range);
}

async function copied(node) {
  try {
    await navigator.clipboard.writeText(node.textContent.trim());
    return true;
  } catch {
    select(node); // no permission, or no https: what is selected may still be taken
    return document.execCommand("copy");
  }
}

/** Copy the command beside this button, and say so there. */
export async function take(button) {
  const done = await copied(button.closest("[data-command]").querySelector("code"));
  const said = done ? button.dataset.done : button.dataset.selected;
  for (const other of document.querySelectorAll("[data-said]")) delete other.dataset.said;
  button.dataset.said = said;
  button.toggleAttribute("data-copied", done);
  announce([said]);
  clearTimeout(timer);
  timer = setTimeout(() => {
    delete button.dataset.said;
    button.removeAttribute("data-copied");
  }, SAID_FOR);
}

/** Start: every button beside a command copies it, wherever it comes from. */
export function watchCommands() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy-command]");
    if (button) take(button);
  });
}
