// Drops taps that were meant for what stood there before.
//
// A person who taps twice hits whatever is under the finger by then. So a control takes a tap only after it has kept its place and its
// meaning for a moment. This holds for every control of the page: the buttons that answer, what comes after them, and the dialog.
//
// Belongs here: whether a control has kept still. Does not belong here: what a tap does, and whether a control is inert for other reasons.

/** How long a control has to keep still before it takes a tap. */
export const STEADY_MS = 400;

const LOOK_MS = 200;
const CONTROLS = "button, summary, a[href]";

// Each control with its place and its meaning when it was last looked at, and since when it has both.
const known = new WeakMap();

/** Begins to watch the page's controls, and to drop taps on those that have just changed. */
export function keepSteady() {
  document.addEventListener(
    "click",
    (event) => {
      const control = event.target.closest?.(CONTROLS);
      if (!control || isSteady(control)) return;
      // A person who goes on tapping has not seen yet what stands there now: the time begins anew.
      known.get(control).since = performance.now();
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );
  for (const happening of ["resize", "scroll"]) window.addEventListener(happening, lookAtAll, { passive: true });
  // What a script changes is unsteady at once, and not only at the next look. Places can also change without a script.
  const changes = { subtree: true, childList: true, characterData: true, attributeFilter: ["hidden", "open", "data-about"] };
  new MutationObserver(lookAtAll).observe(document.body, changes);
  setInterval(lookAtAll, LOOK_MS);
  lookAtAll();
}

/** Looks at every control: what has changed since the last look is unsteady from now on. */
function lookAtAll() {
  // A hidden page is not laid out.
  if (document.hidden) return;
  for (const control of document.querySelectorAll(CONTROLS)) isSteady(control);
}

/** Gives whether this control has kept its place and its meaning for long enough. It is looked at now. */
export function isSteady(control) {
  const { left, top, width, height } = control.getBoundingClientRect();
  const size = [width, height].map(Math.round).join();
  const found = {
    inWindow: [left, top].map(Math.round).join(),
    // Where the person scrolls, a control moves and keeps its place on the page.
    onPage: [left + scrollX, top + scrollY].map(Math.round).join(),
    meaning: [size, control.textContent, control.dataset.about ?? ""].join("\n"),
  };
  const before = known.get(control);
  const hasChanged =
    !before ||
    before.meaning !== found.meaning ||
    (before.inWindow !== found.inWindow && before.onPage !== found.onPage);
  found.since = hasChanged ? performance.now() : before.since;
  known.set(control, found);
  // What is not shown has no place.
  const isShown = width > 0 && height > 0;
  const steady = isShown && performance.now() - found.since >= STEADY_MS;
  control.toggleAttribute("data-unsteady", !steady);
  return steady;
}
