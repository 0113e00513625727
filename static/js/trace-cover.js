// How much of the window is covered by what stays in place: the bar above, the sheet below.

/** Tell the style sheets how far down the page's bar reaches. */
export function keepCovered(root) {
  const bar = document.querySelector(".topbar");
  const reach = bar.offsetHeight + (parseFloat(getComputedStyle(bar).top) || 0);
  root.style.setProperty("--covered", `${Math.max(0, reach)}px`);
}

/** Pixels of the window in which no row can be seen: above, and below. */
export function covered(root) {
  const head = root.querySelector(".waterfall__head");
  const sheet = root.querySelector("[data-panel]");
  const rail = document.querySelector(".rail").getBoundingClientRect();
  const foot = rail.width > rail.height ? innerHeight - rail.top : 0;
  const over = getComputedStyle(sheet).position === "fixed" && !sheet.hidden;
  const above = parseFloat(root.style.getPropertyValue("--covered")) + head.offsetHeight;
  return [above, over ? innerHeight - sheet.getBoundingClientRect().top : foot];
}
