// What is older: a link that leads to the next page, and that fetches it into this one.

import { localise } from "./time.js";

const AHEAD = "400px";

/** The link's place in history moves: what is before this is to be had from it. */
export function setOlder(link, before) {
  const url = new URL(link.href);
  url.searchParams.set("before", before);
  link.href = url.href;
  link.hidden = false;
}

/**
 * Let the link in `block` fetch older rows of the block called `name`, and give them to `add`.
 * With `by` it does so by itself when it comes into view in there (null: in the window).
 */
export function watchOlder(root, name, add, by) {
  const link = () => root.querySelector("[data-older]");
  let busy = false;

  async function load() {
    if (busy || link().hidden) return;
    busy = true;
    link().setAttribute("aria-busy", "true");
    const from = link().href;
    try {
      const response = await fetch(from, { headers: { Accept: "text/html" } });
      if (!response.ok) throw new Error(`the page answered ${response.status}`);
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      if (link().href === from) take(page);
    } catch (error) {
      console.debug(error); // the link stays, to be tried again
    } finally {
      busy = false;
      link().removeAttribute("aria-busy");
    }
  }

  function take(page) {
    const rows = [...page.querySelector(`[data-block="${name}"]`).children];
    const next = page.querySelector(`[data-block="${name}-older"] [data-older]`);
    for (const row of rows) localise(document.adoptNode(row));
    link().href = next.getAttribute("href");
    link().hidden = next.hidden;
    add(rows);
    if (watcher && !next.hidden) look();
  }

  root.addEventListener("click", (event) => {
    if (!event.target.closest("[data-older]") || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    load();
  });

  const seen = (entries) => entries.some((entry) => entry.isIntersecting) && load();
  const watcher =
    by === undefined ? null : new IntersectionObserver(seen, { root: by, rootMargin: AHEAD });

  /** Observed anew, it says at once whether it is in view still. */
  function look() {
    watcher.disconnect();
    watcher.observe(root.querySelector('[data-block$="-older"]'));
  }
  if (watcher) look();
}
