// The statements of this phone to the service, by the device key where it has one: answers, codes that it brings, and changes.
//
// Belongs here: the bodies of these calls. A phone with a key is believed by its signature alone; one of before sends the plain members.

import { nowSeconds } from "./clock.js";
import { signedCompact } from "./jws.js";
import { bringAddress } from "./records.js";

/** The body that answers a request. */
export async function answerBody(record, requestId, answer) {
  if (!signs(record)) return answer;
  const claims = { ...answer, ...namesOf(record), jti: requestId, iat: nowSeconds() };
  return { answer: await signedCompact(record.deviceKey, "iampass-answer+jwt", claims) };
}

/** The body that brings a code: `proof` is `{code}` or `{scan}`. */
export async function bringBody(record, proof) {
  if (!signs(record)) return proof;
  const claims = { ...proof, ...namesOf(record), iat: nowSeconds() };
  return { brought: await signedCompact(record.deviceKey, "iampass-bring+jwt", claims) };
}

/**
 * The body that asks for a change, by its name: `logout`, `walkaway` or `return` of a session, or `unregister`.
 *
 * `sent` is the nonce and the time of the request (`call` gives them): the body is good for that request alone, and so once.
 */
export async function changeBody(record, sent, change, members = {}) {
  if (!signs(record)) return {};
  const claims = { change, ...members, ...namesOf(record), iat: sent.seconds, jti: sent.nonce };
  return { change: await signedCompact(record.deviceKey, "iampass-change+jwt", claims) };
}

/** The body that says that this phone is near or away. */
export async function presenceBody(record, sent, members) {
  return signs(record) ? changeBody(record, sent, "presence", members) : members;
}

/** The body that begins the registration of an unlock credential, or completes it with that. Only a phone with a key makes one. */
export async function unlockBody(record, credential) {
  const claims = { ...(credential && { credential }), ...namesOf(record), iat: nowSeconds() };
  return { unlock: await signedCompact(record.deviceKey, "iampass-unlock+jwt", claims) };
}

// A service of before takes no signed answers. It takes no codes either, and so has no address for them.
function signs(record) {
  return Boolean(record.deviceKey) && bringAddress(record) !== null;
}

function namesOf({ device, service, user }) {
  return { iss: device.device_id, aud: service.service_id, sub: user.user_id };
}
