// What the stream said lately, for those who join it later.

import { reaches } from "./cursor.js";

const EVENTS = 2000;
const CHARACTERS = 2_000_000;

/** Remember events, the latest ones; a cursor says from where on none of them is missing. */
export function keepRecent() {
  let kept = [];
  let size = 0;
  let from = null;

  function drop() {
    const oldest = kept.shift();
    size -= oldest.text.length;
    from = oldest.id;
  }

  return {
    /** Forget all. What is added now is everything after this cursor; null: nobody knows. */
    begin(cursor) {
      kept = [];
      size = 0;
      from = cursor;
    },

    add(event) {
      if (from === null) {
        from = event.id;
        return;
      }
      kept.push(event);
      size += event.text.length;
      while (kept.length > EVENTS || size > CHARACTERS) drop();
    },

    /** The events after a cursor; null where some of them may be missing. */
    after(cursor) {
      if (from === null || !reaches(cursor, from)) return null;
      return kept.filter((event) => !reaches(cursor, event.id));
    },
  };
}
