// Keeps in the page only the rows that can be seen, once there are many; the others are padding.

const ALL = 500; // up to so many rows all are in the page
const PRINTED = 5000;
const AHEAD = 20; // rows beyond each edge of the window

/** Keep rows in `holder`; `make()` gives an empty one, `paint(row, entry, at)` writes it. */
export function keepWindow(holder, make, paint) {
  let entries = [];
  let height = 32;
  let edges = "";
  let most = ALL;

  /** Learn how high a row is; returns whether that is news. */
  function measure() {
    const before = height;
    height = holder.firstElementChild?.getBoundingClientRect().height || height;
    return height !== before;
  }

  function range() {
    if (entries.length <= most) return [0, entries.length];
    const above = -holder.getBoundingClientRect().top;
    const first = Math.floor(above / height) - AHEAD;
    const last = Math.ceil((above + innerHeight) / height) + AHEAD;
    const from = Math.max(0, Math.min(first, entries.length - 1));
    return [from, Math.max(from + 1, Math.min(entries.length, last))];
  }

  /** Draw the window; of rows that stay in it, only those that may have changed. */
  function draw(changed = true) {
    const [from, to] = range();
    edges = `${from} ${to}`;
    const wanted = new Set(entries.slice(from, to).map(({ node }) => node.step.id));
    const kept = new Map();
    const free = [];
    for (const row of [...holder.children]) {
      if (wanted.has(row.dataset.span)) kept.set(row.dataset.span, row);
      else free.push(row);
    }
    for (const row of free) row.remove();
    let next = holder.firstElementChild;
    for (let at = from; at < to; at += 1) {
      const stays = kept.get(entries[at].node.step.id);
      const row = stays ?? free.pop() ?? make();
      if (row === next) next = next.nextElementSibling;
      else holder.insertBefore(row, next);
      if (changed || !stays) paint(row, entries[at], at);
    }
    holder.style.setProperty("padding-top", `${from * height}px`);
    holder.style.setProperty("padding-bottom", `${(entries.length - to) * height}px`);
  }

  return {
    /** Show these rows. */
    show(rows) {
      entries = rows;
      measure();
      draw();
      if (measure()) draw();
    },

    /** The window moved: draw what has come into it. */
    moved() {
      if (entries.length > most && range().join(" ") !== edges) draw(false);
    },

    /** On paper, there is no window to look through. */
    print(on) {
      most = on ? PRINTED : ALL;
      draw();
    },

    resized() {
      measure();
      draw();
    },

    /** Bring the row at this place into view, below what covers the top. */
    reveal(at, top, bottom) {
      const y = holder.getBoundingClientRect().top + at * height;
      if (y >= top && y + height <= innerHeight - bottom) return;
      const far = y < top - height * 2 || y > innerHeight - bottom + height;
      const near = y < top ? y - top - height : y + height * 2 - innerHeight + bottom;
      const aim = far ? y - (top + innerHeight - bottom) / 2 : near;
      scrollBy({ top: aim, behavior: "instant" });
      draw();
    },

    /** The rows that are in the page, with what they show. */
    *drawn() {
      const byId = new Map(entries.map((entry) => [entry.node.step.id, entry]));
      for (const row of holder.children) {
        const entry = byId.get(row.dataset.span);
        if (entry) yield [row, entry];
      }
    },
  };
}
