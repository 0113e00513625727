// Makes the page right again without a reload: fetches it anew and swaps the blocks it owns.

import { reread } from "./page.js";
import { localise } from "./time.js";

const RETRY = 3000;
let again = 0;

/** What a person is writing stays, with the focus in it. */
function keep(old, fresh) {
  for (const kept of old.querySelectorAll("[data-keep]")) {
    fresh.querySelector(`[data-keep="${kept.dataset.keep}"]`)?.replaceWith(kept);
  }
}

function swap(old, fresh) {
  if (old.dataset.held !== undefined) return; // it is being read
  const active = document.activeElement;
  const inside = old.contains(active);
  const focused = inside ? active.getAttribute("href") : null;
  for (const { name, value } of fresh.attributes) {
    if (name.startsWith("data-") && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  if (old.innerHTML === fresh.innerHTML) return;
  document.adoptNode(fresh);
  keep(old, fresh);
  old.replaceChildren(...fresh.childNodes);
  if (inside && active.isConnected) active.focus({ preventScroll: true });
  if (focused) old.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

/** What depends on whether a block has rows. */
function showEmptiness(fresh) {
  for (const name of ["data-empty", "data-runs-frame", "data-court-empty"]) {
    const nodes = fresh.querySelectorAll(`[${name}]`);
    document.querySelectorAll(`[${name}]`).forEach((node, index) => {
      if (nodes[index]) node.hidden = nodes[index].hidden;
    });
  }
}

async function fetched() {
  const response = await fetch(location.href, { headers: { Accept: "text/html" } });
  // Led elsewhere means: to the login.
  if (!response.ok || response.redirected) throw new Error(`no page, but ${response.status}`);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

function swapBlocks(fresh, wanted) {
  for (const old of document.querySelectorAll("[data-block]")) {
    const block = wanted(old) && fresh.querySelector(`[data-block="${old.dataset.block}"]`);
    if (block) swap(old, block);
  }
}

/** Fetch this page and put its facts in place; resolves to whether that was possible. */
export async function resync() {
  clearTimeout(again);
  try {
    const fresh = await fetched();
    if (fresh.documentElement.lang !== document.documentElement.lang) location.reload();
    showEmptiness(fresh);
    swapBlocks(fresh, () => true);
    reread();
    localise(document);
    return true;
  } catch {
    return false;
  }
}

/** Fetch this page and put those of its blocks in place that are wanted; the cursor stays. */
export async function refetch(wanted) {
  try {
    swapBlocks(await fetched(), wanted);
    localise(document);
  } catch {
    // Out of reach: the page says so, and is made right when the stream is back.
  }
}

/** Try again in a moment. */
export function later(job) {
  clearTimeout(again);
  again = setTimeout(job, RETRY);
}
