// Where this phone is pushed to: the subscription of this browser, and what the service knows of it.
//
// Belongs here: subscribing, leaving, and telling the service. Does not belong here: what a push does (`worker.js`), and the switch for it
// (`settings_view.js`).

import { PHONE_PAGE } from "./address.js";
import { Refused, call, freshToken } from "./api.js";
import { signerOf } from "./records.js";
import { keepLanguage } from "./shown_language.js";
import { changeBody } from "./statements.js";
import { LANGUAGE, text } from "./texts.js";

/** Where the worker lies. Its address stays the same over all releases and languages. */
export const WORKER = new URL("phone-worker.js", PHONE_PAGE).href;

// Without a network Chromium never answers. No step of the browser's is waited for longer.
const STEP_MS = 15_000;

// The answers to a phone that the service does not know any more, also where something before the service gives them.
const FORGOTTEN = [401, 404, 410];

/** Whether this browser can be pushed to at all. */
export function canSubscribe() {
  return "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
}

/** Makes the worker known to the browser. Null where it takes none. */
export async function prepareWorker() {
  if (!("serviceWorker" in navigator)) return null;
  keepLanguage(LANGUAGE).catch((error) => console.warn("the worker does not know the language of the page", error));
  try {
    return await navigator.serviceWorker.register(WORKER, { scope: PHONE_PAGE, updateViaCache: "none" });
  } catch (error) {
    console.warn("the worker was not taken", error);
    return null;
  }
}

/** Whether this browser has a subscription. */
export async function isSubscribed(worker) {
  return (await within(worker.pushManager.getSubscription())) !== null;
}

/** Runs `action({isTapped, kind})` when the worker has got a push of this kind, or its notification was tapped. */
export function onPushed(action) {
  navigator.serviceWorker?.addEventListener("message", ({ data }) => {
    if (typeof data?.pushed === "string") action({ isTapped: data.isTapped === true, kind: data.pushed });
  });
}

/** Why this phone is not pushed to, for a person. */
export class NotSubscribed extends Error {}

/**
 * Lets the service push to this browser for these records. Done at each opening: a browser goes on giving a subscription that its push service
 * has forgotten, and the service alone knows that.
 *
 * Throws `NotSubscribed`, `Refused` or `Unreachable`.
 */
export async function subscribe(records) {
  const worker = await within(ready());
  const kept = await within(worker.pushManager.getSubscription());
  let { told, refusal } = await tellAll(records, kept);
  if (told.length === 0) throw refusal ?? new NotSubscribed(text("pushes-none"));
  if (!told.every((push) => push.is_subscribed)) {
    if (kept) await within(kept.unsubscribe());
    const anew = await subscribeAnew(worker, told[0].application_server_key);
    ({ told, refusal } = await tellAll(records, anew));
    if (!told.every((push) => push.is_subscribed)) {
      throw new NotSubscribed(text("pushes-not-taken"));
    }
  }
  if (refusal) throw refusal;
}

/** Lets the service push to this browser no more. */
export async function unsubscribe(records) {
  try {
    const worker = await navigator.serviceWorker.getRegistration(PHONE_PAGE);
    const subscription = await within(worker?.pushManager?.getSubscription());
    if (subscription) await within(subscription.unsubscribe());
  } finally {
    const { refusal } = await tellAll(records, null);
    if (refusal) throw refusal;
  }
}

async function subscribeAnew(worker, key) {
  try {
    return await within(worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }));
  } catch (error) {
    if (error instanceof NotSubscribed) throw error;
    if (error.name === "NotAllowedError") {
      throw new NotSubscribed(text("pushes-denied"));
    }
    throw new NotSubscribed(text("pushes-not-subscribed"), { cause: error });
  }
}

// What the browser gives, if it gives it in time.
function within(step) {
  const tooLate = new Promise((_, reject) => {
    setTimeout(() => reject(new NotSubscribed(text("pushes-no-answer"))), STEP_MS);
  });
  return Promise.race([step, tooLate]);
}

// One after the other, since a phone has few connections. One record that the service refuses does not keep the others from being told. Gives what
// those were told, and the first refusal. A record that the service has forgotten is no refusal, unless it has forgotten all.
async function tellAll(records, subscription) {
  const told = [];
  let forgotten = 0;
  let refusal = null;
  for (const record of records) {
    try {
      const push = await tell(record, subscription);
      if (push) told.push(push);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.isForgotten || FORGOTTEN.includes(error.status)) forgotten += 1;
      else refusal ??= error;
      if (forgotten === records.length) refusal = error;
    }
  }
  return { told, refusal };
}

// What the service says about pushes. Null where it pushes to no phone.
async function tell(record, subscription) {
  const address = record.service.service_urls.device_configuration;
  if (!address) return null;
  const notification_token = subscription ? tokenOf(subscription) : freshToken();
  const body = (sent) => configurationBody(record, sent, notification_token);
  const answer = await call("POST", address, signerOf(record), { body });
  return answer.push ?? null;
}

async function configurationBody(record, sent, notification_token) {
  const signed = await changeBody(record, sent, "configuration", { notification_token });
  return "change" in signed ? signed : { notification_token };
}

function tokenOf(subscription) {
  const { endpoint, keys } = subscription.toJSON();
  const applicationServerKey = base64url(subscription.options.applicationServerKey);
  return `webpush:${JSON.stringify({ endpoint, keys, applicationServerKey })}`;
}

function base64url(buffer) {
  const text = String.fromCharCode(...new Uint8Array(buffer ?? []));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function ready() {
  const worker = await prepareWorker();
  if (!worker) throw new NotSubscribed(text("pushes-no-background"));
  if (worker.active) return worker;
  // A subscription needs a worker that has begun. `navigator.serviceWorker.ready` never comes where a link has opened the page: it goes by that
  // address, for which there is no worker.
  const begins = worker.installing ?? worker.waiting;
  await new Promise((resolve, reject) => {
    begins.addEventListener("statechange", () => {
      if (begins.state === "activated") resolve();
      if (begins.state === "redundant") reject(new NotSubscribed(text("pushes-no-worker")));
    });
  });
  return worker;
}
