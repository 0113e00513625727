// What only some pages follow: they say so here, and main.js tells them.

const listeners = [];

/** Follow the events: `event(data)` for each, `renewed()` after the page was made right. */
export function listen(listener) {
  listeners.push(listener);
}

export function tellEvent(data) {
  for (const one of listeners) one.event(data);
}

export function tellRenewed() {
  for (const one of listeners) one.renewed();
}
