// One tab at a time plays the phone.
//
// Two would show every request twice, and their waiting calls would use up the few connections that a browser keeps to a
// host. The tab opened last has the turn; when it closes, the one before takes over by itself. An older browser has no locks: there a tab
// has the turn while it is seen.

import { ROOT_PATH } from "./address.js";

// Two services may be at one origin.
const NAME = `iampass-phone:${ROOT_PATH}`;

/**
 * Takes the turn now. `onLost` is told when another tab takes it, `onUnseen` when it ends because nobody sees this one, and `onGained` when
 * it is this one's again.
 */
export async function takeTurn({ onGained, onLost, onUnseen }) {
  if (!navigator.locks) {
    const look = () => (document.hidden ? onUnseen() : onGained());
    document.addEventListener("visibilitychange", look);
    look();
    return;
  }
  let isFirst = true;
  for (;;) {
    try {
      // The lock is held until the tab closes or another one steals it, which rejects the request.
      await navigator.locks.request(NAME, isFirst ? { steal: true } : {}, () => {
        onGained();
        return new Promise(() => {});
      });
    } catch {
      isFirst = false;
      onLost();
      // A page that is being left gets no lock: without a pause it would ask for one without end, and never go.
      await new Promise((go) => setTimeout(go));
    }
  }
}
