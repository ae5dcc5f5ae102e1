// Watches for requests that wait for this phone: one long poll a record, for as long as the page is open.

import { Unreachable, call } from "./api.js";
import { signerOf } from "./records.js";

// A browser keeps six connections to a host. Three may wait; the rest is for answers.
const LONG_POLLS = 3;
const WAIT_SECONDS = 20;
const GRACE_MS = 10_000;
const PAUSE_MS = 2000;
const BACKOFF_MS = { first: 1000, most: 30_000 };

/**
 * Watches for one record until `stop` is called.
 *
 * `onRequests(requests)` is told the whole list after each answer, `onPhones(number)` that the user's phones have changed, and `onTrouble(error)`
 * each failure. A phone that the service
 * has forgotten is told once, as trouble, and then no longer watched.
 */
export class PendingWatch {
  #record;
  #listener;
  #known = [];
  #phonesSeen;
  #stopped = false;
  #asking = new AbortController();
  #endPause = () => {};
  #wait;
  // Whether the next answer is wanted at once, to know what waits now.
  #isHurried = true;

  constructor(record, recordCount, listener) {
    this.#record = record;
    this.#listener = listener;
    this.#phonesSeen = record.phonesSeen;
    this.#wait = recordCount <= LONG_POLLS ? WAIT_SECONDS : 0;
    this.#run();
  }

  stop() {
    this.#stopped = true;
    this.wake();
  }

  /** Asks again at once: after a sleep the connection may be dead without anybody having noticed. */
  wake() {
    this.#isHurried = true;
    this.#asking.abort();
    this.#asking = new AbortController();
    this.#endPause();
  }

  async #run() {
    let failures = 0;
    while (!this.#stopped) {
      try {
        const before = this.#known;
        const askedAt = performance.now();
        // After a failure the first question is whether the service is there again, not whether it has news.
        const isRecovering = failures > 0;
        const isHurried = this.#isHurried;
        this.#isHurried = false;
        await this.#ask(isRecovering || isHurried ? 0 : this.#wait);
        failures = 0;
        // An answer that came at once and told nothing new must not become a storm.
        const idle = before.join() === this.#known.join() && performance.now() - askedAt < PAUSE_MS;
        if (idle && !isRecovering && !isHurried) await this.#pause(PAUSE_MS);
      } catch (error) {
        if (this.#stopped) return;
        if (error.name === "AbortError") continue;
        this.#listener.onTrouble(error);
        if (error.isForgotten) return;
        await this.#pause(backoff(failures, error));
        failures += 1;
      }
    }
  }

  async #ask(wait) {
    const address = new URL(this.#record.service.service_urls.pending_requests);
    address.searchParams.set("wait", wait);
    if (this.#known.length > 0) {
      // The ids come from the service; the comma between them stays as it is, for the service splits there.
      address.search += `&known=${this.#known.map(encodeURIComponent).join()}`;
    }
    // An answer comes at once where the user's phones have changed since.
    if (this.#phonesSeen !== undefined) address.searchParams.set("phones", this.#phonesSeen);
    const timeoutMs = wait * 1000 + GRACE_MS;
    const signal = this.#asking.signal;
    const { requests, phones_event: phonesEvent } = await call("GET", address.href, signerOf(this.#record), { signal, timeoutMs });
    // An answer from before `wake` does not know what has happened since.
    signal.throwIfAborted();
    if (!Array.isArray(requests)) throw new Unreachable("the answer has no requests");
    if (this.#stopped) return;
    this.#known = requests.map((request) => request.auth_request_id);
    this.#listener.onRequests(requests);
    // A user about whose phones nothing has happened yet has no number.
    const number = this.#record.service.service_urls.phones ? (phonesEvent ?? 0) : this.#phonesSeen;
    if (Number.isInteger(number) && number !== this.#phonesSeen) {
      this.#phonesSeen = number;
      this.#listener.onPhones(number);
    }
  }

  #pause(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function backoff(failures, error) {
  const grown = Math.min(BACKOFF_MS.first * 2 ** failures, BACKOFF_MS.most);
  // Phones that lost the same service must not all come back at the same moment.
  const jittered = grown * (0.75 + Math.random() / 2);
  return Math.max(jittered, error.retryAfterMs ?? 0);
}
