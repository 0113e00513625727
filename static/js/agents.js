// Owns every element that shows an agent: keeps it current, adds newcomers to the court.

import { announce } from "./announce.js";
import { arrange } from "./court.js";
import { factsFromApi, factsOf, paint, slowFacts } from "./facts.js";
import { onFrame } from "./frame.js";
import { agentPlace, learnName, nameOf, say } from "./page.js";
import { refresh } from "./refresh.js";

const PORTION = 3; // agents that a frame paints: a whole court at once would be felt

const pending = new Map();
let observed = null;

const shown = (id) => document.querySelectorAll(`[data-agent-id="${CSS.escape(id)}"]`);
const court = () => document.querySelector("[data-court]");

function hold(id, facts) {
  pending.set(id, { ...pending.get(id), ...facts });
  onFrame(flush);
}

/** Take in an event. */
export function applyToAgents(data) {
  if (!data.agentId) return;
  if (data.type === "agent.registered") learnName(data.agentId, data.name);
  hold(data.agentId, factsOf(data));
  if (data.type === "session.completed") refresh(data.agentId, fetched);
}

/** Say of all agents whether their status is observed: not while the gateway is out of sight. */
export function setObserved(value) {
  observed = value;
  onFrame(flush);
}

function fetched(id, agent) {
  if (agent === null) pending.delete(id);
  else if (shown(id).length > 0) hold(id, slowFacts(agent));
  else if (court()) {
    addCard(agent);
    hold(id, {});
  }
}

function addCard(agent) {
  const template = document.querySelector("template[data-card]");
  const card = template.content.firstElementChild.cloneNode(true);
  card.dataset.agentId = agent.id;
  card.querySelector('[data-fact="name"]').href = agentPlace(agent.id);
  paint(card, factsFromApi(agent));
  learnName(agent.id, agent.name);
  court().append(card);
  document.querySelector("[data-court-empty]").hidden = true;
}

function flush() {
  const changes = [];
  let room = PORTION;
  for (const [id, facts] of pending) {
    const roots = shown(id);
    if (roots.length === 0) {
      if (court()) refresh(id, fetched);
      else pending.delete(id);
      continue;
    }
    if (room === 0) {
      onFrame(flush);
      break;
    }
    room -= 1;
    pending.delete(id);
    if (facts.status && roots[0].dataset.status !== facts.status) changes.push([id, facts.status]);
    for (const root of roots) paint(root, facts);
  }
  if (observed !== null) {
    for (const root of document.querySelectorAll("[data-agent-id]")) paint(root, { observed });
    observed = null;
  }
  onFrame(arrange);
  announce(changes.map(inWords));
}

const inWords = ([id, status]) =>
  say("told.status", { name: nameOf(id), status: say(`status.${status}`).toLowerCase() });
