// Brings a code to the service: the request that shows it then waits on this phone.
//
// Belongs here: the call, for one user after the other, and what its failing means in words.

import { Refused, Unreachable, call } from "./api.js";
import { SERVICE_HOST } from "./address.js";
import { isAnybodys } from "./code.js";
import { bringAddress, signerOf } from "./records.js";
import { bringBody } from "./statements.js";
import { text } from "./texts.js";
import { refusalInWords } from "./why.js";

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

/** Why nothing was brought, for a person: `{title, text}`. `hasSeveral`: the phone has several users, so the code may be another one's. */
export function whyNotBrought(error, proof, hasSeveral) {
  if (error instanceof NoCodes) {
    return { title: text("bring-no-codes-title"), text: text("bring-no-codes", { host: SERVICE_HOST }) };
  }
  if (error instanceof NobodyChosen) return { title: text("bring-nobody-chosen-title"), text: text("bring-nobody-chosen") };
  if (!(error instanceof Refused)) return { title: text("bring-unreachable-title"), text: text("bring-unreachable") };
  if (error.reason === "WRONG_CODE") {
    const wrongCode = hasSeveral ? "bring-wrong-code-several" : "bring-wrong-code";
    return { title: text("bring-wrong-title"), text: text(proof.scan ? "bring-wrong-scan" : wrongCode) };
  }
  if (error.reason === "TOO_MANY_REQUESTS") return { title: text("bring-too-many-title"), text: tooManyInWords(error) };
  return { title: text("bring-not-taken-title"), text: refusalInWords(error) };
}

/** The way out when too many wrong digits were typed. */
export function tooManyInWords({ retryAfterMs }) {
  const minutes = Math.ceil(retryAfterMs / 60_000);
  return minutes < 1 ? text("code-too-many") : text("code-too-many-minutes", { count: minutes });
}
