// The service's time, as far as this phone knows it.
//
// Signatures carry a time, and a phone's clock may be wrong by more than the service forgives. Every answer of the service
// tells its time to the second.

// Below this, the difference is the way there and back and the missing fraction of a second.
const TOLERANCE_MS = 3000;

let offset = 0;

/** Milliseconds since 1970 by the service's clock. */
export function now() {
  return Date.now() + offset;
}

/** The same, in the seconds that a signature carries. */
export function nowSeconds() {
  return Math.floor(now() / 1000);
}

/** Waits until this second is over, if it has not been over yet. */
export function untilOver(second) {
  const left = (second + 1) * 1000 - now();
  if (left <= 0 || left > 1000) return Promise.resolve();
  // Timers of some browsers are a moment early.
  return new Promise((over) => setTimeout(over, left + 20));
}

/** Learns from the `Date` header of an answer that has just come. */
export function learn(date) {
  const told = Date.parse(date ?? "");
  if (Number.isNaN(told)) return;
  const difference = told - Date.now();
  if (Math.abs(difference) < TOLERANCE_MS) offset = 0;
  else if (Math.abs(difference - offset) > TOLERANCE_MS) offset = difference;
}
