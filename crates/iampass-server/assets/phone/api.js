// Calls to the service: signed, to its own origin only, with a limit on the waiting.
//
// Belongs here: how a call is made and what its failing means. What is called, and when, is decided elsewhere.

import { ownAddress } from "./address.js";
import { learn, nowSeconds } from "./clock.js";
import { freshNonce, signedHeaders, withBodyDigest } from "./signing.js";

const TIMEOUT_MS = 15_000;

// A signature may be refused for a reason that a new one does not have: this phone's clock was wrong, or the browser sent
// the request a second time on a fresh connection. Both are worth one more try.
const SIGN_AGAIN = ["TIMESTAMP_TOO_OLD", "TIMESTAMP_TOO_NEW", "NONCE_REPLAYED"];

const FORGOTTEN = ["UNKNOWN_DEVICE", "UNKNOWN_ID"];

/** The service answered, and said no. */
export class Refused extends Error {
  constructor(status, reason, message, retryAfterMs = 0, triesLeft = null) {
    super(message ?? "");
    this.status = status;
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
    // How many more codes may be wrong, where the service says it.
    this.triesLeft = triesLeft;
  }

  /** The service does not know this phone any more. */
  get isForgotten() {
    return FORGOTTEN.includes(this.reason);
  }

  /** Asking again later may help. */
  get isTemporary() {
    return this.status === 429 || this.status >= 500;
  }
}

/** No answer came, or none that can be read. */
export class Unreachable extends Error {
  constructor(cause) {
    super("The service could not be reached.", { cause });
  }
}

/**
 * Makes one call and gives the JSON of its answer.
 *
 * `body` may be a function that gives one: it is made anew for each try, so that a time in it is of the clock that was learned by then. It is told the
 * nonce and the time by which the request will be signed: `{nonce, seconds}`.
 *
 * Throws `Refused` or `Unreachable`; when `signal` ends the call, what the browser throws for that.
 */
export async function call(method, address, signer, { body, signal, timeoutMs = TIMEOUT_MS } = {}) {
  const url = ownAddress(address);
  if (!url) throw new Refused(0, "FOREIGN_ADDRESS", "the address belongs to another service, so it was not called");
  for (let again = false; ; again = true) {
    try {
      return await attempt(method, url, signer, body, signal, timeoutMs);
    } catch (error) {
      if (again || !SIGN_AGAIN.includes(error.reason)) throw error;
    }
  }
}

/**
 * Registers this browser by its link, and gives the device record. The one call that is not signed.
 *
 * `key` is the public half of the device key. Without one the phone is known by a shared secret only.
 */
export function register(link, key) {
  const body = { notification_token: freshToken(), platform: "web", ...(key && { key }) };
  return call("POST", link, null, { body });
}

/** A notification token. One that begins with "*" is a simulated phone: nothing is pushed to it, it asks. */
export function freshToken() {
  return `*web${freshNonce()}`;
}

async function attempt(method, address, signer, body, signal, timeoutMs) {
  signal?.throwIfAborted();
  const sent = { nonce: freshNonce(), seconds: nowSeconds() };
  const text = body === undefined ? "" : JSON.stringify(typeof body === "function" ? await body(sent) : body);
  const url = signer && method === "POST" ? await withBodyDigest(address, text) : address;
  const headers = signer ? await signedHeaders(signer, url, sent.seconds, sent.nonce) : {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const limit = new AbortController();
  const stop = () => limit.abort(signal.reason);
  const timer = setTimeout(() => limit.abort(new Error("no answer in time")), timeoutMs);
  signal?.addEventListener("abort", stop);
  try {
    const answer = await fetch(url, {
      method,
      headers,
      body: body === undefined ? undefined : text,
      signal: limit.signal,
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
    });
    learn(answer.headers.get("Date"));
    if (!answer.ok) throw await refusal(answer);
    return await answer.json();
  } catch (error) {
    if (error instanceof Refused) throw error;
    signal?.throwIfAborted();
    throw new Unreachable(error);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

async function refusal(answer) {
  // A proxy in between may answer with a page of its own.
  const problem = await answer.json().catch(() => null);
  const seconds = Number(answer.headers.get("Retry-After")) || 0;
  const triesLeft = Number.isInteger(problem?.tries_left) ? problem.tries_left : null;
  return new Refused(answer.status, problem?.reason ?? null, problem?.message ?? null, seconds * 1000, triesLeft);
}
