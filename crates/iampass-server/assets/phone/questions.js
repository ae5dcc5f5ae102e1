// The requests that wait for an answer here, oldest first, and what has become of them.
//
// Belongs here: the list and its rules, and the two calls that answer. What a person sees is the view's.

import { Refused, call } from "./api.js";
import { now } from "./clock.js";
import { isLink, proofIn } from "./code.js";
import { bringAddress } from "./records.js";
import { answerBody } from "./statements.js";

// What the service may ask for, and what this page sends for it. Where the service verifies that the phone was unlocked, the proof of
// `unlocking.js` takes the place of what stands here. Otherwise all but the acceptance is simulated, here and at the service: this page has
// no sensor to ask. Only a service for development asks for it.
const COLLECT = {
  acceptance: () => ({ automatic: false }),
  os_authentication: () => ({ authenticated: true, simulated: true }),
  facial: () => ({ images: [], match: true, simulated: true }),
};

// The service decides when time is up. The page lets go a little later, in case it hears nothing.
const GRACE_MS = 1500;

// A service that does not say how many are left ends a request at the third.
const WRONG_CODES = 3;

/** One request on this phone. */
export class Question {
  /** How far the person is: "ask", then what else is asked for. */
  step = "ask";
  /** Whether an answer is on its way. */
  isSending = false;
  /** Why the last answer did not get through. */
  failure = null;
  /** The text in the field for the code. */
  typed = "";
  /** The proof that was brought from outside the request: `{code}` or `{scan}`. */
  brought = null;
  /** Whether a link had opened this page when the code was typed: the page where one signs in may be on this device. */
  isFromAddress = false;
  /** The fault of the code, in words. */
  codeFailure = null;
  /** The proof that the person unlocked this phone for this request. Good for one answer. */
  unlocked = null;
  /** Whether the unlock credential was made for this request, so that the next tap uses it. */
  isSetUp = false;
  #wrongCodes = 0;
  #started = null;
  #isSeen = false;

  constructor(record, request) {
    this.record = record;
    this.request = request;
  }

  get id() {
    return this.request.auth_request_id;
  }

  /** Whether an acceptance needs the code that the page shows where somebody signs in. A word that is new here counts as one that does. */
  get needsCode() {
    return (this.request.confirm ?? []).length > 0;
  }

  /** The code that is there, as `{code}` or `{scan}`, or null. */
  get proof() {
    return this.brought ?? proofIn(this.typed);
  }

  /** Whether an acceptance lacks the code. */
  get lacksCode() {
    return this.needsCode && this.proof === null;
  }

  /** Whether the sign-in page of this browser has led here, so that it is gone back to. */
  get isByLink() {
    return isLink(this.brought);
  }

  /** Whether a denial can say that somebody else asked. A service that takes no codes does not listen to that. */
  get canReport() {
    return bringAddress(this.record) !== null;
  }

  /** Takes a wrong code away, and gives how many more may be tried: as many as the service says. */
  wrongCode(triesLeft) {
    this.#wrongCodes += 1;
    this.typed = "";
    this.brought = null;
    this.step = "ask";
    return triesLeft ?? Math.max(1, WRONG_CODES - this.#wrongCodes);
  }

  /** Whether the service verifies that this phone was unlocked. */
  get isVerified() {
    return Boolean(this.request.identify.unlock);
  }

  /** Whether the person has to unlock this phone before the answer. */
  get mustUnlock() {
    return this.isVerified && this.unlocked === null;
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

  /** Sends the answer: an acceptance with all that it needs, or a denial, with `report` one that says that somebody else asked. */
  async answer(accepted, { report = false } = {}) {
    // That the person saw it is worth telling, but an answer does not depend on it.
    await this.#start().catch(() => {});
    const answer = accepted ? { accepted, ...this.#collected() } : { accepted, ...(report && { report }) };
    return this.#post(this.request.identify.identification_url, () => answerBody(this.record, this.id, answer));
  }

  #collected() {
    const collected = Object.fromEntries(this.asked.map((name) => [name, COLLECT[name]()]));
    if (this.unlocked) collected.os_authentication = this.unlocked;
    // The service takes it once, whatever becomes of the answer.
    this.unlocked = null;
    return { ...((this.needsCode || this.isByLink) && this.proof), ...collected };
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

  /** Puts the request that a code belongs to in front, with the code. Gives the question, or null if it was answered already. */
  bring(record, request, proof) {
    if (this.#settled.has(request.auth_request_id)) return null;
    const question = this.#waiting.find(({ id }) => id === request.auth_request_id) ?? new Question(record, request);
    question.brought = proof;
    question.codeFailure = null;
    this.#waiting = [question, ...this.#waiting.filter((other) => other !== question)];
    return question;
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
