// Unlocking this phone for a request, where the service verifies that: the calls around it, and what a failure means in words.
//
// Belongs here: when a credential is made, and when it is asked for. Does not belong here: asking the browser (`webauthn.js`).

import { Refused, Unreachable, call } from "./api.js";
import { signerOf } from "./records.js";
import { unlockBody } from "./statements.js";
import { text } from "./texts.js";
import { hasScreenLock, hasWebAuthn, makeCredential, proveUnlocked } from "./webauthn.js";
import { refusalInWords } from "./why.js";

// A request that says no time has this one.
const LIMIT_MS = 60_000;

// Reasons of the service that say by themselves what to do.
const EXPLAINED = ["UNLOCK_NOT_VALID", "UNLOCK_ALREADY_REGISTERED", "UNLOCK_NOT_REGISTERED", "METHOD_NOT_AVAILABLE"];

/** Why this page cannot unlock for a request that asks for it, with what to do next. Null if it can. */
export function whyNoUnlocking({ record, request }) {
  if (!request.identify.unlock) return null;
  if (isNumber(location.hostname)) {
    return text("unlock-no-name");
  }
  if (!hasWebAuthn()) {
    return text("unlock-no-webauthn");
  }
  if (!record.deviceKey) {
    return text("unlock-no-key");
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
  if (error instanceof Refused && EXPLAINED.includes(error.reason)) return refusalInWords(error);
  if (error instanceof Refused) return text("unlock-not-taken", { why: refusalInWords(error) });
  if (error instanceof Unreachable) return text("unlock-unreachable");
  switch (error.name) {
    case "InvalidStateError":
      // Its authenticator has a credential of another phone of the same user.
      return text("unlock-on-this-device");
    case "SecurityError":
      return text("unlock-wrong-address");
    case "AbortError":
    case "TimeoutError":
      return text("unlock-too-long");
    case "NotAllowedError":
      return text((await hasScreenLock()) ? "unlock-not-done" : "unlock-no-screen-lock");
    default:
      return text("unlock-failed");
  }
}

function isNumber(host) {
  return host.startsWith("[") || /^[0-9.]+$/.test(host);
}
