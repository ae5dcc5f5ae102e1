// A link that adds a phone, opened in a browser that is a phone of that user already.
//
// Belongs here: finding that out, and taking the new phone back. The browser would be two phones of one user, of which it could play one. The phone that
// is here keeps its key for as long as the service knows it.

import { Refused, call } from "./api.js";
import { applicationName, deviceId, loadRecords, signerOf, userName } from "./records.js";
import { changeBody } from "./statements.js";
import { text } from "./texts.js";

/** The phone of the same user at the same application that this browser is already, or null. One without a key can change no other. */
export async function phoneOfSameUser(record) {
  return (await phonesOfSameUser(record))[0] ?? null;
}

/**
 * The phones of the same user that are here beside one that was just let in: `goesOn` is one that the service knows still, or null. `unknown` are the ids of those
 * that could not be asked about. All others were replaced.
 */
export async function phonesBeside(record) {
  const unknown = [];
  for (const present of await phonesOfSameUser(record)) {
    try {
      await call("GET", present.service.service_urls.active_sessions, signerOf(present));
      return { goesOn: present, unknown };
    } catch (error) {
      if (!error.isForgotten) unknown.push(deviceId(present));
    }
  }
  return { goesOn: null, unknown };
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

/** Has a phone that was let in at once remove itself. Where that fails, it is in the list of the user's phones, and can be removed there. */
export async function takeBack(added) {
  try {
    const body = (sent) => changeBody(added, sent, "unregister");
    await call("POST", added.service.service_urls.device_unregister, signerOf(added), { body });
  } catch (error) {
    if (!(error instanceof Refused)) console.warn("the phone that was added is left", error);
  }
}

async function phonesOfSameUser({ service, user, device }) {
  const { records } = await loadRecords();
  const isSame = (other) => other.service.service_id === service.service_id && other.user.user_id === user.user_id;
  return records.filter((other) => isSame(other) && other.deviceKey && deviceId(other) !== device.device_id);
}

/** What to say: title and text. */
export function alreadyHere(present) {
  const whose = { user: userName(present), application: applicationName(present) };
  return [text("register-here-already-title"), text("register-here-already", whose)];
}
