// Brings a code to the service: the request that shows it then waits on this phone.
//
// Belongs here: the call, for one user after the other, and what its failing means in words.

import { Refused, Unreachable, call } from "./api.js";
import { SERVICE_HOST } from "./address.js";
import { isAnybodys } from "./code.js";
import { bringAddress, signerOf } from "./records.js";
import { bringBody } from "./statements.js";

/**
 * Brings a proof, `{code}` or `{scan}`, for each of these records until one has the request. Gives `{record, request, proof}`.
 *
 * A login without a name becomes that of the user for whom it is brought. Where several could be meant, `ask(records)` says which: `{record, proof}`, or
 * null.
 *
 * Throws the failure that tells most.
 */
export async function bring(records, proof, ask) {
  const [meant, unsure] = parted(records.filter(bringAddress), proof);
  const failures = [];
  for (const record of meant) {
    try {
      const body = () => bringBody(record, proof);
      const { requests } = await call("POST", bringAddress(record), signerOf(record), { body });
      if (!Array.isArray(requests) || requests.length === 0) throw new Unreachable("the answer has no request");
      return { record, request: requests[0], proof };
    } catch (error) {
      failures.push(error);
    }
  }
  const failure = failures.sort((one, other) => weight(other) - weight(one))[0];
  // One that could not be asked may be the one.
  if (unsure.length === 0 || (failure && weight(failure) > 1)) throw failure ?? new NoCodes();
  const chosen = await ask(unsure);
  if (!chosen) throw new NobodyChosen();
  return bring([chosen.record], chosen.proof, ask);
}

// A login is of one application. So the only user of an application is meant, or none of it is; between several the person decides. A login without a
// name takes a phone's own key, unless no user here has one.
function parted(records, proof) {
  if (!isAnybodys(proof)) return [records, []];
  const keyed = records.filter((record) => record.deviceKey);
  const able = keyed.length > 0 ? keyed : records;
  const isOnly = ({ service }) => able.filter((other) => other.service.service_id === service.service_id).length === 1;
  return [able.filter(isOnly), able.filter((record) => !isOnly(record))];
}

/** The person did not say who signs in. */
class NobodyChosen extends Error {}

/** The service takes codes from none of the phones. */
class NoCodes extends Error {}

// A user of another code, and a phone that was forgotten, are expected where several are tried.
function weight(error) {
  if (error.reason === "WRONG_CODE") return 1;
  return error.isForgotten || error instanceof NoCodes ? 0 : 2;
}

/** Whether the service takes codes from a user of this phone. */
export function takesCodes({ record, isForgotten }) {
  return bringAddress(record) !== null && !isForgotten;
}

/** Why nothing was brought, for a person: `{title, text}`. */
export function whyNotBrought(error, proof) {
  if (error instanceof NoCodes) {
    return { title: "No code can be used here", text: `The service at ${SERVICE_HOST} takes no codes from this phone.` };
  }
  if (error instanceof NobodyChosen) {
    return { title: "Nobody was chosen", text: "Nothing was sent. Scan the code again to sign in." };
  }
  if (!(error instanceof Refused)) {
    return { title: "The code did not reach the service", text: "Check the connection and try again." };
  }
  if (error.reason === "WRONG_CODE") {
    return {
      title: "No request shows this code",
      text: proof.scan
        ? "It was used, its time is over, or it is for somebody who is not on this phone. Reload the page where you sign in and scan its new code."
        : "Compare it with the page where you sign in. If it is the same, that page is not asked any more: its time is over, or a newer sign-in took its place. Begin again there, and type the new code.",
    };
  }
  if (error.reason === "TOO_MANY_REQUESTS") {
    return { title: "No code is taken now", text: tooManyInWords(error) };
  }
  return { title: "The code was not taken", text: refusalInWords(error) };
}

/** The way out when too many wrong digits were typed. */
export function tooManyInWords(error) {
  return `Too many wrong codes were typed in a row. Scan the code instead${laterBy(error.retryAfterMs)}.`;
}

/** A refusal of the service and the way out, for a person. */
export function refusalInWords(error) {
  if (error.reason === "SIGNED_ANSWER_REQUIRED" || error.reason === "BAD_SIGNATURE") {
    return "This phone has lost its key, or the service knows another one. Remove the user from this phone and register it anew with a new registration link.";
  }
  if (error.reason === "DEVICE_KEY_REQUIRED") {
    return "This phone shares a secret with the service, and this takes a key of its own. Type or scan the code of a sign-in with your name, or register the phone anew with a new registration link.";
  }
  if (error.isForgotten) return "This phone is not registered any more. Ask for a new registration link.";
  return `The service refused: ${error.message}`;
}

function laterBy(milliseconds) {
  const minutes = Math.ceil(milliseconds / 60_000);
  if (minutes < 1) return ", or try again later";
  return minutes === 1 ? ", or try again in a minute" : `, or try again in ${minutes} minutes`;
}
