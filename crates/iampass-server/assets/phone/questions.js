// The requests that wait for an answer here, oldest first, and what has become of them.
//
// Belongs here: the list and its rules, and the two calls that answer. What a person sees is the view's.

import { Refused, call } from "./api.js";
import { now } from "./clock.js";

// What the service may ask for, and what this page sends for it. All but the acceptance is simulated, here and at the service: this page
// has no sensor to ask. Only a service for development asks for it.
const COLLECT = {
  acceptance: () => ({ automatic: false }),
  os_authentication: () => ({ authenticated: true, simulated: true }),
  facial: () => ({ images: [], match: true, simulated: true }),
};

// The service decides when time is up. The page lets go a little later, in case it hears nothing.
const GRACE_MS = 1500;

/** One request on this phone. */
export class Question {
  /** How far the person is: "ask", then what else is asked for. */
  step = "ask";
  /** Whether an answer is on its way. */
  isSending = false;
  /** Why the last answer did not get through. */
  failure = null;
  #started = null;
  #isSeen = false;

  constructor(record, request) {
    this.record = record;
    this.request = request;
  }

  get id() {
    return this.request.auth_request_id;
  }

  get asked() {
    return Object.keys(this.request.identify.requested_data ?? {});
  }

  /** What is asked for and cannot be given. */
  get impossible() {
    return this.asked.filter((name) => !(name in COLLECT));
  }

  /** The step after this one, or null when all has been collected. */
  get nextStep() {
    const steps = ["ask", ...["os_authentication", "facial"].filter((name) => this.asked.includes(name))];
    return steps[steps.indexOf(this.step) + 1] ?? null;
  }

  /** Milliseconds until it is no longer waited for; null if nobody said. */
  get leftMs() {
    const { expires_at } = this.request;
    return expires_at ? expires_at * 1000 - now() : null;
  }

  /** What part of its time is left, from 1 to 0; null if nobody said. */
  get leftPart() {
    const { requested_at, expires_at } = this.request;
    if (!requested_at || !expires_at || expires_at <= requested_at) return null;
    return Math.min(1, Math.max(0, this.leftMs / 1000 / (expires_at - requested_at)));
  }

  /** The whole seconds left, for a person; null if nobody said. */
  get leftSeconds() {
    const { requested_at, expires_at } = this.request;
    return this.leftPart === null ? null : Math.ceil(this.leftPart * (expires_at - requested_at));
  }

  get isOverdue() {
    return this.leftMs !== null && this.leftMs < -GRACE_MS;
  }

  /** The person sees it. May be called as often as it is shown: the service is told once, and again only with the answer. */
  seen() {
    if (this.#isSeen) return;
    this.#isSeen = true;
    this.#start().catch(() => {});
  }

  #start() {
    this.#started ??= this.#post(this.request.identify.identification_start_url, {}).catch((error) => {
      this.#started = null;
      throw error;
    });
    return this.#started;
  }

  /** Sends the answer. */
  async answer(accepted) {
    // That the person saw it is worth telling, but an answer does not depend on it.
    await this.#start().catch(() => {});
    const collected = accepted ? Object.fromEntries(this.asked.map((name) => [name, COLLECT[name]()])) : {};
    return this.#post(this.request.identify.identification_url, { accepted, ...collected });
  }

  #post(address, body) {
    const signer = { id: this.id, secret: this.request.identify.identification_data_secret };
    return call("POST", address, signer, { body });
  }
}

/** Whether this failure means that the request no longer waits. */
export function isOver(error) {
  return error instanceof Refused && error.reason === "UNKNOWN_REQUEST";
}

/** All requests of all records. */
export class Questions {
  #waiting = [];
  // A poll that was answered before our answer arrived must not bring a request back.
  #settled = new Set();

  /** The one to show: the oldest. */
  get current() {
    return this.#waiting[0] ?? null;
  }

  get count() {
    return this.#waiting.length;
  }

  /** Takes over what waits for one record, and gives the questions that do so no longer. */
  update(record, requests) {
    const ids = new Set(requests.map((request) => request.auth_request_id));
    const isGone = (question) => question.record === record && !ids.has(question.id) && !question.isSending;
    const gone = this.#waiting.filter(isGone);
    const kept = this.#waiting.filter((question) => !isGone(question));
    const known = new Set([...this.#settled, ...kept.map((question) => question.id)]);
    const added = requests
      .filter((request) => !known.has(request.auth_request_id))
      .map((request) => new Question(record, request));
    this.#waiting = [...kept, ...added];
    return gone;
  }

  /** Takes one off the list for good. */
  settle(question) {
    this.#settled.add(question.id);
    this.#waiting = this.#waiting.filter((other) => other !== question);
  }

  /** Drops what belongs to records that are not there any more. */
  retain(records) {
    this.#waiting = this.#waiting.filter((question) => records.includes(question.record));
  }
}
