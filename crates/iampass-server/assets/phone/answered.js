// The outcome of an answer, in words.

import { Refused } from "./api.js";
import { refusalInWords, tooManyInWords } from "./bringing.js";
import { userName } from "./records.js";

const ENDED = ["failed", "cancelled", "timeout", "closed"];

/** The notice when the service has taken the answer: tone, title and text. */
export function answeredInWords({ request, record, isFromAddress }, isAccepted, answer, { report = false } = {}) {
  const application = request.application_name;
  if (report) {
    return ["plain", "Denied and reported", `Nobody was signed in to ${application}. It is on record that somebody else asked in the name of ${userName(record)}. For a while requests do not appear here by themselves: to sign in, enter or scan the code.`];
  }
  if (!isAccepted) return ["plain", "Denied", `Nobody was signed in to ${application}.`];
  if (answer.reason === "WRONG_CODE") {
    return ["problem", "This request is over", `Too many wrong codes were sent, so nobody was signed in to ${application}. Begin again on the page where you sign in.`];
  }
  if (answer.status === false || ENDED.includes(answer.session_status)) {
    return ["problem", "Not signed in", `The service did not accept the answer to ${application}.`];
  }
  const back = isFromAddress ? " If you sign in on this device, go back to the page where you began." : "";
  return ["good", "Accepted", `${application} signs you in as ${userName(record)}.${back}`];
}

/**
 * The notice when a request is asked no more and was not answered here: tone, title and text. `requests` are those that wait now for the same user.
 *
 * A person may be reading it, or comparing it with a sign-in page that has been replaced: so it says what to do.
 */
export function goneInWords({ request, leftMs }, requests) {
  const { application_name: application } = request;
  if (leftMs !== null && leftMs <= 1000) {
    return ["plain", "The time ran out", `Nobody answered ${application}, so nobody was signed in. To sign in, begin again on the sign-in page.`];
  }
  const isNewer = (other) => other.application_id === request.application_id && other.application_name === application && (other.requested_at ?? 0) >= (request.requested_at ?? 0);
  if (requests.some(isNewer)) {
    return ["plain", "A newer request took its place", `The request before is not asked any more: a newer sign-in to ${application} was begun. Answer the newer one. If you did not begin it, deny it.`];
  }
  return ["plain", "No longer asked", `The request of ${application} was taken back, or answered on another phone. If you are still signing in, begin again on the sign-in page.`];
}

/** The notice when the answer came too late. */
export function tooLateInWords({ request }) {
  return ["problem", "Too late", `The request of ${request.application_name} is not asked any more, so your answer did nothing. If you are still signing in, begin again on the sign-in page.`];
}

/** Notes on the question why the answer was not taken. The request waits on. */
export function notAnswered(question, error) {
  if (!(error instanceof Refused)) {
    question.failure = "Your answer did not reach the service. Try again.";
  } else if (error.reason === "WRONG_CODE") {
    const left = question.wrongCode(error.triesLeft);
    const tries = left === 1 ? "1 try is left." : `${left} tries are left.`;
    question.codeFailure = `Wrong code. Type what the sign-in page shows. ${tries}`;
  } else if (error.reason === "TOO_MANY_REQUESTS" && question.proof?.code) {
    question.codeFailure = tooManyInWords(error);
  } else if (error.reason === "CODE_REQUIRED") {
    question.codeFailure = "The service wants the code: type it, or scan it.";
  } else {
    question.failure = refusalInWords(error);
  }
}
