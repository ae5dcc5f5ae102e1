// Small tools for showing state in the document. Text always goes in as text, never as markup.

import { nowSeconds } from "./clock.js";
import { ago, exactly } from "./words.js";

export const byId = (id) => document.getElementById(id);

/** The element of this name in a copy of a template. */
export const part = (node, name) => node.querySelector(`[data-part="${name}"]`);

/** Sets a text if it is another one: what does not change is not read out again. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Shows or hides. */
export function show(node, isShown) {
  if (node.hidden === isShown) node.hidden = !isShown;
}

/** Shows a moment as "3 minutes ago" in a `time` element, with the exact one on hover. */
export function setMoment(node, seconds) {
  setText(node, ago(seconds, nowSeconds()));
  node.dateTime = new Date(seconds * 1000).toISOString();
  node.title = exactly(seconds);
}

/** Marks a control as not to be used now. Unlike `disabled`, this does not take the focus away. */
export function setInert(control, isInert) {
  control.setAttribute("aria-disabled", String(isInert));
}

/** Runs `action` at a tap, and ignores further taps until it has ended. */
export function onTap(button, action) {
  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-disabled") === "true") return;
    setInert(button, true);
    try {
      await action();
    } finally {
      setInert(button, false);
    }
  });
}

/**
 * Makes the children of `list` show `items`. A child stays the same as long as its key does, so that focus and what is
 * being tapped are not lost.
 */
export function showList(list, items, keyOf, make, update) {
  const old = new Map([...list.children].map((child) => [child.dataset.key, child]));
  items.forEach((item, at) => {
    const key = keyOf(item);
    const child = old.get(key) ?? make(item);
    old.delete(key);
    child.dataset.key = key;
    if (list.children[at] !== child) list.insertBefore(child, list.children[at] ?? null);
    update(child, item);
  });
  for (const child of old.values()) child.remove();
}

/** A copy of what a template holds. */
export function copyOf(templateId) {
  return byId(templateId).content.firstElementChild.cloneNode(true);
}
