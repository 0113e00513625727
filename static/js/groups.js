// Repeated tool calls of an agent as one line; palais/web/feed.py groups history by the same rule.

/** What repeated events have in common; null for one that always stands by itself. */
export function groupKey(data) {
  const { type, span, sessionId } = data;
  if (type !== "span.started" || span?.type !== "tool_call") return null;
  return `${sessionId ?? ""}\n${span.name ?? ""}`;
}

/** Lines of events (`{ id, data }`, newest first): each is its latest event, with all `ids`. */
export function grouped(events) {
  const lines = [];
  const latest = new Map();
  for (const { id, data } of events) {
    if (data.type === "gap") latest.clear();
    const key = groupKey(data);
    const above = latest.get(data.agentId);
    if (key !== null && above?.key === key) {
      above.ids.push(id);
      continue;
    }
    const line = { data, key, ids: [id] };
    if (data.type !== "gap") latest.set(data.agentId, line);
    lines.push(line);
  }
  return lines;
}
