// j and k go down and up the rows of the feed, Enter opens the one that is focused.

const TYPING = "input, textarea, select, [contenteditable]";

/** Start: the keys work where nothing else has the focus, and within the feed. */
export function watchWalk(feed) {
  const rows = () => [...feed.querySelectorAll(".feed__row")];

  function step(by) {
    const all = rows();
    const current = document.activeElement.closest(".feed__row");
    const next = current ? all[all.indexOf(current) + by] : all.at(by > 0 ? 0 : -1);
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  }

  function open(row) {
    const places = ["entity", "who"].map((name) => row.querySelector(`[data-fact="${name}"]`));
    places.find((place) => place.hasAttribute("href"))?.click();
  }

  document.addEventListener("keydown", (event) => {
    const { key, target, ctrlKey, metaKey, altKey } = event;
    if (ctrlKey || metaKey || altKey || target.closest?.(TYPING)) return;
    if (target !== document.body && !feed.contains(target)) return;
    if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
    else if (key === "Enter" && target.matches(".feed__row")) open(target);
    else return;
    event.preventDefault();
  });
}
