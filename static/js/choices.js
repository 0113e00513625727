// Owns the choice of what the feed shows: in the address, for history and for what comes live.

const GROUPS = {
  sessions: ["session.started", "session.completed"],
  tools: ["span.started", "span.completed"],
  status: ["agent.status", "agent.registered"],
  budgets: ["budget.warning"],
  gaps: ["gap"],
};
const NAMES = ["agents", "types"];

let types = new Set();
let agents = new Set();

const form = (root) => root.querySelector("[data-choices]");
const checked = (root, name) =>
  [...form(root).querySelectorAll(`[name="${name}"]:checked`)].map((box) => box.value);

/** Whether an event passes; what was not observed belongs to every agent. */
export function wanted(root, { type, agentId }) {
  if (root.dataset.only && agentId && root.dataset.only !== agentId) return false;
  if (agents.size > 0 && agentId && !agents.has(agentId)) return false;
  return types.size === 0 || types.has(type);
}

function read(root) {
  types = new Set(checked(root, "types").flatMap((name) => GROUPS[name]));
  agents = new Set(checked(root, "agents"));
  const count = root.querySelector('[data-fact="chosen"]');
  if (count) {
    count.textContent = agents.size;
    count.hidden = agents.size === 0;
  }
  root.querySelector("[data-clear]").hidden = types.size + agents.size === 0;
}

function writeAddress(root) {
  const url = new URL(location.href);
  if (root.dataset.past === "true") url.searchParams.delete("before");
  for (const name of NAMES) {
    const values = checked(root, name).join(",");
    if (values) url.searchParams.set(name, values);
    else url.searchParams.delete(name);
  }
  history.replaceState(history.state, "", url.href);
}

/** Start: each choice counts at once, and calls `changed`. */
export function watchChoices(root, changed) {
  read(root);
  form(root).querySelector("[data-apply]").hidden = true;

  function choose() {
    read(root);
    writeAddress(root);
    if (root.dataset.past === "true") location.reload();
    else changed();
  }

  form(root).addEventListener("change", choose);
  form(root).addEventListener("submit", (event) => event.preventDefault());
  root.querySelector("[data-clear]").addEventListener("click", (event) => {
    event.preventDefault();
    for (const box of form(root).querySelectorAll(":checked")) box.checked = false;
    choose();
    form(root).querySelector("input:not([type=hidden])").focus();
  });
  watchPop(root.querySelector("[data-pop]"));
}

function watchPop(pop) {
  if (!pop) return;
  pop.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !pop.open) return;
    event.stopPropagation();
    pop.open = false;
    pop.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    if (!pop.contains(event.target)) pop.open = false;
  });
}
