// The reasons of the service for saying no, in the words of the page's language.
//
// The service explains each refusal in English, for developers. So what a phone may meet has a text of the page's own; what is new here is said in
// the service's words.

import { Refused } from "./api.js";
import { text } from "./texts.js";

const REASONS = {
  FOREIGN_ADDRESS: "refused-foreign-address",
  UNKNOWN_DEVICE: "refused-forgotten",
  UNKNOWN_ID: "refused-forgotten",
  SIGNED_ANSWER_REQUIRED: "refused-lost-key",
  BAD_SIGNATURE: "refused-lost-key",
  DEVICE_KEY_REQUIRED: "refused-needs-key",
  PHONE_NOT_ALLOWED: "refused-phone-not-allowed",
  UNLOCK_REQUIRED: "refused-unlock-required",
  WRONG_RECOVERY_CODE: "refused-wrong-recovery-code",
  TOO_MANY_PHONES: "refused-too-many-phones",
  PHONE_KEY_REQUIRED: "refused-phone-key",
  UNKNOWN_PHONE: "refused-unknown-phone",
  PHONE_TOO_NEW: "refused-phone-too-new",
  UNKNOWN_SESSION: "refused-session-over",
  UNLOCK_NOT_VALID: "refused-unlock-not-valid",
  UNLOCK_ALREADY_REGISTERED: "refused-unlock-elsewhere",
  UNLOCK_NOT_REGISTERED: "refused-unlock-none",
  METHOD_NOT_AVAILABLE: "refused-method",
  TIMESTAMP_TOO_OLD: "refused-clock",
  TIMESTAMP_TOO_NEW: "refused-clock",
  TOO_MANY_REQUESTS: "refused-too-many",
  UNAVAILABLE: "refused-unavailable",
};

/** A refusal and the way out, for a person. */
export function refusalInWords(error) {
  if (error.reason === "WRONG_CODE") {
    return error.triesLeft ? text("refused-wrong-code", { count: error.triesLeft }) : text("refused-wrong-code-last");
  }
  // After the last one the phone waits no longer: another code would not be taken.
  if (error.reason === "WRONG_RECOVERY_CODE" && error.triesLeft === 0) return text("refused-wrong-recovery-code-last");
  if (Object.hasOwn(REASONS, error.reason)) return text(REASONS[error.reason]);
  return error.message ? text("refused", { message: error.message }) : text("refused-without-reason");
}

/** Why a call did not do what it should: the service said no, or there is no way to it. */
export function whyNot(error) {
  return error instanceof Refused ? refusalInWords(error) : text("unreachable");
}
