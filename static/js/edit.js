// The operator's words for an agent, written in their place: Enter saves, Esc cancels.

import { announce } from "./announce.js";
import { api, say } from "./page.js";

const FIELDS = ["persona", "bio"];
const REFUSED = { 400: "edit.refused", 401: "edit.denied", 403: "edit.denied" };
const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

/** Start, on the page of one agent. */
export function watchEdit() {
  const root = document.querySelector("[data-edit]");
  if (!root) return;
  const form = root.querySelector("form");
  const shown = (name) => root.parentElement.querySelector(`[data-fact="${name}"]`);
  const error = root.querySelector('[data-fact="edit-error"]');
  let busy = false;

  function fill() {
    if (!root.open || root.dataset.refused !== undefined) return;
    for (const name of FIELDS) form.elements[name].value = shown(name).textContent;
    error.textContent = "";
    form.elements.persona.focus();
  }

  function close() {
    delete root.dataset.refused;
    root.open = false;
    root.querySelector("summary").focus();
  }

  function send() {
    const words = FIELDS.map((name) => [name, form.elements[name].value.trim()]);
    return fetch(api(`v1/agents/${encodeURIComponent(root.dataset.edit)}`), {
      method: "PATCH",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": token() },
      body: JSON.stringify(Object.fromEntries(words)),
    });
  }

  async function save() {
    if (busy) return;
    busy = true;
    error.textContent = "";
    try {
      const response = await send();
      if (response.ok) done(await response.json());
      else error.textContent = say(REFUSED[response.status] ?? "edit.failed");
    } catch {
      error.textContent = say("edit.failed");
    } finally {
      busy = false;
    }
  }

  function done(agent) {
    for (const name of FIELDS) shown(name).textContent = agent[name];
    close();
    announce([say("edit.saved")]);
  }

  function onKey(event) {
    if (event.isComposing) return;
    if (event.key === "Escape") close();
    else if (event.key === "Enter" && event.target.matches(".edit__field")) save();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  root.addEventListener("toggle", fill);
  form.addEventListener("keydown", onKey);
  form.addEventListener("submit", (event) => (event.preventDefault(), save()));
  form.querySelector("[data-cancel]").addEventListener("click", close);
  for (const node of form.querySelectorAll("[data-cancel], [data-hint]")) node.hidden = false;
}
