// A cursor is `epoch.id`: a place in one log. Cursors of two logs cannot be compared.

function position(text) {
  const dot = text.lastIndexOf(".");
  return [text.slice(0, dot), Number(text.slice(dot + 1))];
}

/** Whether what goes up to `cursor` has the event of this id in it. */
export function reaches(cursor, id) {
  const [epoch, at] = position(cursor);
  const [other, number] = position(id);
  return epoch === other && at >= number;
}
