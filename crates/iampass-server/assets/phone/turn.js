// One tab at a time plays the phone.
//
// Two would show every request twice, and their waiting calls would use up the few connections that a browser keeps to a
// host. The tab opened last has the turn; when it closes, the one before takes over by itself.

const NAME = "iampass-phone";

/** Takes the turn now. `onLost` is told when another tab takes it, and `onGained` when it is this one's again. */
export async function takeTurn({ onGained, onLost }) {
  if (!navigator.locks) {
    onGained();
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
    }
  }
}
