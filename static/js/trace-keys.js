// The keys of the tree, as the WAI-ARIA Authoring Practices have them for a treegrid of rows.

const TYPING = "input, textarea, select, [contenteditable]";
const PAGE = 15;

/** Listen; `on` moves, opens and searches. */
export function watchTraceKeys(tree, on) {
  const walking = {
    ArrowDown: () => on.move(1),
    ArrowUp: () => on.move(-1),
    PageDown: () => on.move(PAGE),
    PageUp: () => on.move(-PAGE),
    Home: () => on.move(-Infinity),
    End: () => on.move(Infinity),
    ArrowRight: on.into,
    ArrowLeft: on.out,
    Enter: on.open,
    " ": on.open,
    "*": on.siblings,
  };
  const anywhere = { "/": on.search, z: on.zoom, e: () => on.failure(1), E: () => on.failure(-1) };

  tree.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !walking[event.key]) return;
    event.preventDefault();
    walking[event.key]();
  });

  // Before the page's own keys, of which `/` would filter the agents.
  document.addEventListener(
    "keydown",
    (event) => {
      const { key, target, ctrlKey, metaKey, altKey, isComposing } = event;
      if (ctrlKey || metaKey || altKey || isComposing || document.querySelector("dialog[open]")) return;
      if (key === "Escape" && on.leave(target)) return event.preventDefault();
      if (target.closest?.(TYPING) || !anywhere[key]) return;
      event.preventDefault();
      anywhere[key]();
    },
    true,
  );
}
