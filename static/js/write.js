// Writes a text where it differs from what is there.

/** Give an element this text; its text node stays, so that only that line is laid out anew. */
export function write(node, text) {
  const only = node.childNodes.length === 1 ? node.firstChild : null;
  if (only?.nodeType !== Node.TEXT_NODE) {
    if (only || text !== "" || node.hasChildNodes()) node.textContent = text;
  } else if (only.data !== text) only.data = text;
}
