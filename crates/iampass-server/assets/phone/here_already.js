// A link that adds a phone, opened in a browser that is a phone of that user already.
//
// Belongs here: finding that out, and taking the new phone back. The browser would be two phones of one user, of which it could play one.

import { call } from "./api.js";
import { applicationName, loadRecords, signerOf, userName } from "./records.js";
import { changeBody } from "./statements.js";
import { text } from "./texts.js";

/** The phone of the same user at the same application that this browser is already, or null. One without a key can change no other. */
export async function phoneOfSameUser({ service, user }) {
  const { records } = await loadRecords();
  const isSame = (other) => other.service.service_id === service.service_id && other.user.user_id === user.user_id;
  return records.find((other) => isSame(other) && other.deviceKey) ?? null;
}

/** Has the phone that is here deny the one that was just added. False where the service has forgotten the phone that is here: the new one takes its place. */
export async function isTakenBack(present, added) {
  const body = (sent) => changeBody(present, sent, "deny_phone", { phone_id: added.device.device_id });
  try {
    await call("POST", present.service.service_urls.phones_change, signerOf(present), { body });
  } catch (error) {
    // One that is not denied is forgotten after an hour.
    return !error.isForgotten;
  }
  return true;
}

/** What to say: title and text. */
export function alreadyHere(present) {
  const whose = { user: userName(present), application: applicationName(present) };
  return [text("register-here-already-title"), text("register-here-already", whose)];
}
