// What is known of the steps, fetched and then kept current by events; and the tree made of them.

import { addUp, forest, isRunning, measured, walk } from "./trace-tree.js";

const OPEN = 500; // up to so many steps, all are open at first
const known = (facts) =>
  Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null && value !== undefined));

/** Keep the steps of a session and of those it led to. */
export function keepSteps(agentId, sessionId) {
  const steps = new Map();
  const chosen = new Map(); // by id: opened or closed by the reader
  let roots = [];
  let nodes = new Map();
  let whole = null;
  let stale = true;
  let meanwhile = null; // events that came while the whole list was being fetched

  const sessions = () => new Set([sessionId, ...[...steps.values()].map((one) => one.sessionId)]);
  const begun = () => new Set([...steps.values()].map((one) => one.childSessionId));
  const delegation = (child) => [...steps.values()].find((one) => one.childSessionId === child);
  const idIn = (session, id) => (session === sessionId ? id : `${session}/${id}`);

  function build() {
    if (!stale) return;
    stale = false;
    roots = forest(steps.values());
    whole = addUp(roots);
    nodes = new Map([...walk(roots)].map((node) => [node.step.id, node]));
  }

  function openAtFirst({ step, depth, total }) {
    return steps.size <= OPEN || depth < 1 || total.errors > Number(step.status === "error");
  }

  /** Take an event; returns whether it is of this tree, and `fetch` where the tree grew a branch. */
  function take({ agentId: owner, sessionId: session, span }) {
    if (!sessions().has(session) && !begun().has(session)) return null;
    const id = idIn(session, span.id);
    const before = steps.get(id);
    const parent = span.parentId ? idIn(session, span.parentId) : null;
    const above = parent ?? (session === sessionId ? null : (delegation(session)?.id ?? null));
    const ended = before && before.status !== "running" && span.status === "running";
    const { status, ...rest } = known(span);
    const told = ended ? rest : { ...rest, ...(status ? { status } : {}) };
    const place = { id, parentId: above, sessionId: session, agentId: owner };
    steps.set(id, measured({ ...before, ...told, ...place, input: null, output: null }));
    stale = true;
    return { id, fetch: Boolean(span.childSessionId) && !before?.childSessionId };
  }

  return {
    roots: () => (build(), roots),
    node: (id) => (build(), nodes.get(id)),
    nodes: () => (build(), nodes),
    whole: () => (build(), whole),
    running: () => [...steps.values()].some(isRunning),
    size: () => steps.size,
    delegated: () => [...steps.values()].some((one) => one.sessionId !== sessionId),

    isOpen: (node) => chosen.get(node.step.id) ?? openAtFirst(node),
    setOpen: (node, open) => chosen.set(node.step.id, open),
    setAllOpen(open) {
      build();
      for (const node of nodes.values()) if (node.children.length) chosen.set(node.step.id, open);
    },

    /** The whole list is asked for: what comes from now on may not be in it. */
    ask() {
      meanwhile = [];
    },

    /** Take the whole list, as the API gives it, and again the events that came meanwhile. */
    replace(list) {
      const missed = meanwhile ?? [];
      meanwhile = null;
      steps.clear();
      for (const one of list) steps.set(one.id, measured(one));
      stale = true;
      return missed.map(take).some((told) => told?.fetch);
    },

    take(data) {
      meanwhile?.push(data);
      return take(data);
    },
  };
}
