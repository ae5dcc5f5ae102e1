// Shows the request that waits for an answer: it fills the screen.

import { byId, setInert, setMoment, setText, show } from "./dom.js";
import { applicationName, userName } from "./records.js";

// A tap that was meant for what stood here before must not answer.
const ARM_MS = 400;

const STEPS = {
  ask: {
    title: "Is this you signing in?",
    accept: "Accept",
    note: null,
  },
  os_authentication: {
    title: "Unlock this phone",
    accept: "Unlock",
    note: "This page stands in for unlocking the phone. It checks no fingerprint and no code: it only says that you did.",
  },
  facial: {
    title: "Show your face",
    accept: "Show face",
    note: "This page stands in for face recognition. It takes no picture: it only says that you showed your face.",
  },
};

const ALSO = { os_authentication: "to unlock this phone", facial: "to show your face" };

/** The view of one request after the other. `onAccept` and `onDeny` are told what was tapped, once. */
export class RequestView {
  #shown = null;
  #armedAt = Infinity;

  constructor({ onAccept, onDeny }) {
    this.#listen(byId("accept"), onAccept);
    this.#listen(byId("deny"), onDeny);
  }

  /** Shows this question, or none. Gives whether something new is shown. */
  update(question, count) {
    show(byId("request"), question !== null);
    const key = question && `${question.id} ${question.step}`;
    const isNew = key !== this.#shown?.key;
    this.#shown = question && { key, question };
    if (!question) return false;
    if (isNew) this.#present(question);
    this.#refresh(question, count);
    return isNew;
  }

  #present(question) {
    const { request, record, step } = question;
    const words = STEPS[step];
    setText(byId("request-title"), words.title);
    setText(byId("accept-label"), words.accept);
    setText(byId("request-application"), request.application_name || applicationName(record));
    setText(byId("request-user"), userName(record));
    setText(byId("request-note"), words.note ?? alsoAsked(question));
    show(byId("request-note"), byId("request-note").textContent !== "");
    show(byId("request-when"), Boolean(request.requested_at));
    this.#armedAt = performance.now() + ARM_MS;
    setTimeout(() => this.#shown && this.#refreshButtons(this.#shown.question), ARM_MS);
    // Whoever cannot see the screen change is led to it. The buttons come right after.
    byId("request-title").focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }

  #refresh(question, count) {
    const { request, leftPart, leftSeconds } = question;
    if (request.requested_at) setMoment(byId("request-time"), request.requested_at);
    show(byId("ring"), leftPart !== null);
    if (leftPart !== null) {
      byId("ring-left").setAttribute("stroke-dashoffset", String(100 - leftPart * 100));
      setText(byId("ring-seconds"), String(leftSeconds));
      byId("ring").dataset.urgent = String(leftSeconds <= 10);
    }
    setText(byId("request-failure"), question.failure ?? "");
    show(byId("request-failure"), question.failure !== null);
    setText(byId("request-more"), moreWaiting(count - 1));
    byId("request").setAttribute("aria-busy", String(question.isSending));
    this.#refreshButtons(question);
  }

  #refreshButtons(question) {
    const isTooEarly = performance.now() < this.#armedAt;
    const isOver = question.leftMs !== null && question.leftMs <= 0;
    const isInert = isTooEarly || isOver || question.isSending;
    setInert(byId("deny"), isInert);
    setInert(byId("accept"), isInert || question.impossible.length > 0);
  }

  #listen(button, action) {
    button.addEventListener("click", () => {
      if (!this.#shown) return;
      this.#refreshButtons(this.#shown.question);
      if (button.getAttribute("aria-disabled") !== "true") action(this.#shown.question);
    });
  }
}

function alsoAsked(question) {
  if (question.impossible.length > 0) {
    return `The application asks for something that this page cannot give (${question.impossible.join(", ")}). You can only deny.`;
  }
  const also = question.asked.map((name) => ALSO[name]).filter(Boolean);
  return also.length > 0 ? `You will also be asked ${also.join(" and ")}.` : "";
}

function moreWaiting(count) {
  if (count <= 0) return "";
  return count === 1 ? "1 more request waits." : `${count} more requests wait.`;
}
