// The step in the address: `#span=<id>`, kept as one moves, followed where it is changed.

const NAME = "span";

function asked() {
  return new URLSearchParams(location.hash.slice(1)).get(NAME);
}

/** Keep it; `go(id)` goes to the step that the address names. */
export function keepAddress(go) {
  function follow() {
    const id = asked();
    if (id) go(id);
  }

  addEventListener("hashchange", follow);
  return {
    go: follow,
    keep(id) {
      if (asked() === id) return;
      history.replaceState(history.state, "", `#${new URLSearchParams({ [NAME]: id })}`);
    },
  };
}
