// Owns the cursor over a plot: a pointer or the arrow keys read one column after the other.

const columns = (plot) => [...plot.querySelectorAll("[data-column]")];
// Unbreakable spaces stay: they keep a figure with its unit.
const words = (column) => column.querySelector("title").textContent.replace(/[ \t\n]+/g, " ").trim();

function show(plot, index) {
  const cursor = plot.querySelector("[data-cursor]");
  const all = columns(plot);
  const at = Math.min(Math.max(index, 0), all.length - 1);
  if (!all[at]) return;
  for (const one of all) one.toggleAttribute("data-on", one === all[at]);
  const said = words(all[at]);
  plot.querySelector("[data-reading]").textContent = said;
  cursor.setAttribute("aria-valuemax", all.length);
  cursor.setAttribute("aria-valuenow", at + 1);
  cursor.setAttribute("aria-valuetext", said);
}

/** Where reading begins: at the column of now, else at the last one. */
function latest(plot) {
  const all = columns(plot);
  const now = all.findIndex((one) => "latest" in one.dataset);
  return now < 0 ? all.length - 1 : now;
}

function hide(plot) {
  for (const one of columns(plot)) one.removeAttribute("data-on");
  plot.querySelector("[data-reading]").textContent = "";
}

function under(plot, event) {
  const box = event.currentTarget.getBoundingClientRect();
  const share = (event.clientX - box.left) / box.width;
  return Math.floor(share * columns(plot).length);
}

function steps(key, now, number) {
  const moves = { ArrowLeft: now - 1, ArrowDown: now - 1, ArrowRight: now + 1, ArrowUp: now + 1 };
  return { ...moves, Home: 0, End: number - 1, PageUp: now + 7, PageDown: now - 7 }[key];
}

function watch(plot) {
  const cursor = plot.querySelector("[data-cursor]");
  const now = () => Number(cursor.getAttribute("aria-valuenow")) - 1;
  cursor.setAttribute("role", "slider");
  cursor.setAttribute("aria-label", cursor.dataset.label);
  cursor.setAttribute("aria-valuemin", 1);
  cursor.tabIndex = 0;
  show(plot, latest(plot));
  hide(plot);
  for (const name of ["pointermove", "pointerdown"]) {
    cursor.addEventListener(name, (event) => show(plot, under(plot, event)));
  }
  cursor.addEventListener("pointerleave", () => hide(plot));
  cursor.addEventListener("focus", () => show(plot, now()));
  cursor.addEventListener("blur", () => hide(plot));
  cursor.addEventListener("keydown", (event) => {
    const next = steps(event.key, now(), columns(plot).length);
    if (next === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    show(plot, next);
  });
}

/** Let every plot of the page that is new be read column by column. */
export function watchPlots() {
  for (const plot of document.querySelectorAll("[data-plot]")) {
    if (!plot.querySelector("[data-cursor]").hasAttribute("role")) watch(plot);
  }
}
