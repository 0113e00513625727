// Owns the language switch: whoever changes the language stays where they were on the page.

const KEY = "palais.place";

const place = () => location.pathname + location.search;

/** Remember the place on leaving by the switch, and be there again on coming back. */
export function keepPlace() {
  const form = document.querySelector("[data-language]");
  if (!form) return;
  form.addEventListener("submit", () => {
    form.elements.next.value = place();
    sessionStorage.setItem(KEY, JSON.stringify({ place: place(), top: scrollY }));
  });
  const kept = JSON.parse(sessionStorage.getItem(KEY));
  sessionStorage.removeItem(KEY);
  if (kept?.place !== place()) return;
  scrollTo(0, kept.top);
  form.querySelector("[aria-current]").focus({ preventScroll: true });
}
