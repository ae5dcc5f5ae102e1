// The outcome of an answer, in words.

import { Refused } from "./api.js";
import { tooManyInWords } from "./bringing.js";
import { userName } from "./records.js";
import { text } from "./texts.js";
import { refusalInWords } from "./why.js";

const ENDED = ["failed", "cancelled", "timeout", "closed"];

/** The notice when the service has taken the answer: tone, title and text. */
export function answeredInWords({ request, record, isFromAddress }, isAccepted, answer, { report = false } = {}) {
  const application = request.application_name;
  if (report) {
    return ["plain", text("reported-title"), text("reported", { application, user: userName(record) })];
  }
  if (!isAccepted) return ["plain", text("denied-title"), text("denied", { application })];
  if (answer.reason === "WRONG_CODE") {
    return ["problem", text("over-title"), text("over", { application })];
  }
  if (answer.status === false || ENDED.includes(answer.session_status)) {
    return ["problem", text("not-signed-in-title"), text("not-signed-in", { application })];
  }
  const accepted = text("accepted", { application, user: userName(record) });
  return ["good", text("accepted-title"), isFromAddress ? `${accepted} ${text("accepted-go-back")}` : accepted];
}

/**
 * The notice when a request is asked no more and was not answered here: tone, title and text. `requests` are those that wait now for the same user.
 *
 * A person may be reading it, or comparing it with a sign-in page that has been replaced: so it says what to do.
 */
export function goneInWords({ request, leftMs }, requests) {
  const { application_name: application } = request;
  if (leftMs !== null && leftMs <= 1000) {
    return ["plain", text("time-over-title"), text("time-over", { application })];
  }
  const isNewer = (other) => other.application_id === request.application_id && other.application_name === application && (other.requested_at ?? 0) >= (request.requested_at ?? 0);
  if (requests.some(isNewer)) {
    return ["plain", text("newer-title"), text("newer", { application })];
  }
  return ["plain", text("taken-back-title"), text("taken-back", { application })];
}

/** The notice when the answer came too late. */
export function tooLateInWords({ request }) {
  return ["problem", text("too-late-title"), text("too-late", { application: request.application_name })];
}

/** Notes on the question why the answer was not taken. The request waits on. */
export function notAnswered(question, error) {
  if (!(error instanceof Refused)) {
    question.failure = text("not-sent");
  } else if (error.reason === "WRONG_CODE") {
    question.codeFailure = text("code-wrong", { count: question.wrongCode(error.triesLeft) });
  } else if (error.reason === "TOO_MANY_REQUESTS" && question.proof?.code) {
    question.codeFailure = tooManyInWords(error);
  } else if (error.reason === "CODE_REQUIRED") {
    question.codeFailure = text("code-wanted");
  } else {
    question.failure = refusalInWords(error);
  }
}
