// Unlocking this phone for a request, where the service verifies that: the calls around it, and what a failure means in words.
//
// Belongs here: when a credential is made, and when it is asked for. Does not belong here: asking the browser (`webauthn.js`).

import { Refused, Unreachable, call } from "./api.js";
import { signerOf } from "./records.js";
import { unlockBody } from "./statements.js";
import { hasScreenLock, hasWebAuthn, makeCredential, proveUnlocked } from "./webauthn.js";

// A request that says no time has this one.
const LIMIT_MS = 60_000;

// Reasons of the service that its message explains to the person.
const EXPLAINED = ["UNLOCK_NOT_VALID", "UNLOCK_ALREADY_REGISTERED", "UNLOCK_NOT_REGISTERED", "METHOD_NOT_AVAILABLE"];

/** Why this page cannot unlock for a request that asks for it, with what to do next. Null if it can. */
export function whyNoUnlocking({ record, request }) {
  if (!request.identify.unlock) return null;
  if (isNumber(location.hostname)) {
    return "Browsers unlock nothing for an address that is a number. Open this page under the name of the service, or under the name localhost on its own machine, with a new link.";
  }
  if (!hasWebAuthn()) {
    return "This browser cannot prove that you unlocked this phone. Update it, or register this phone in another browser with a new link.";
  }
  if (!record.deviceKey) {
    return "This phone was registered without a key of its own, so it cannot prove that you unlocked it. Register it again with a new link.";
  }
  return null;
}

/**
 * Has the person unlock this phone for the request. The first time the browser makes a credential, and nothing more: the person taps again.
 *
 * Gives `{proof}`, `{isSetUp: true}` or `{failure}`. To be called from a click.
 */
export async function unlockFor(question) {
  try {
    const challenge = await askForChallenge(question);
    if (challenge) return { proof: await proveUnlocked(challenge.options, limitOf(question)) };
    await register(question);
    return { isSetUp: true };
  } catch (error) {
    console.warn("not unlocked", error);
    return { failure: await inWords(error) };
  }
}

async function askForChallenge({ id, request }) {
  const { identification_data_secret: secret, unlock } = request.identify;
  try {
    return await call("POST", unlock.challenge_url, { id, secret }, { body: {} });
  } catch (error) {
    if (error.reason === "UNLOCK_NOT_REGISTERED") return null;
    throw error;
  }
}

async function register(question) {
  const { record, request } = question;
  const signer = signerOf(record);
  const begun = await call("POST", request.identify.unlock.registration_url, signer, { body: () => unlockBody(record) });
  const credential = await makeCredential(begun.options, limitOf(question));
  await call("POST", begun.finish_url, signer, { body: () => unlockBody(record, credential) });
}

function limitOf({ leftMs }) {
  return Math.max(0, Math.min(leftMs ?? LIMIT_MS, LIMIT_MS));
}

async function inWords(error) {
  if (error instanceof Refused && EXPLAINED.includes(error.reason)) return `The service said: ${error.message}`;
  if (error instanceof Refused) return `The service did not take it: ${error.message} Tap Unlock to try again.`;
  if (error instanceof Unreachable) return "The service could not be reached. Check the connection, and tap Unlock to try again.";
  switch (error.name) {
    case "InvalidStateError":
      return "This device has a credential of this phone that the service does not know. Remove it in the device's settings for passkeys, and tap Unlock to try again.";
    case "SecurityError":
      return "This browser unlocks nothing at this address. Open this page under the public address of the service, with a new link.";
    case "AbortError":
    case "TimeoutError":
      return "Unlocking took too long and was stopped. If the request still waits, tap Unlock to try again.";
    case "NotAllowedError":
      if (!(await hasScreenLock())) {
        return "This device has no fingerprint, face or PIN that the browser can use. Set up a screen lock in the settings of the device, and tap Unlock to try again.";
      }
      return "This phone was not unlocked. Tap Unlock to try again, or deny the request.";
    default:
      return "This phone could not be unlocked. Tap Unlock to try again, or deny the request and sign in another way.";
  }
}

function isNumber(host) {
  return host.startsWith("[") || /^[0-9.]+$/.test(host);
}
