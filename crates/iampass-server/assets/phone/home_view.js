// Shows the users of this phone, their sessions, and whether the phone is away.

import { copyOf, byId, onTap, part, setMoment, setText, show, showList } from "./dom.js";
import { hasPhones, openPhones } from "./phones_dialog.js";
import { applicationName, couldHaveKey, userName } from "./records.js";
import { text } from "./texts.js";
import { all } from "./words.js";

/** The view of all users. `actions` are told what was tapped; each may take its time. */
export class HomeView {
  #actions;

  constructor(actions) {
    this.#actions = actions;
    onTap(byId("come-back-all"), () => actions.onComeBack());
  }

  /** Shows these users: `{record, sessions, isForgotten, trouble}` each. `isAsked`: a request waits. `isIncomplete`: there are more. */
  update(users, { isAsked, isIncomplete }) {
    const isEmpty = users.length === 0;
    show(byId("welcome"), isEmpty && !isIncomplete);
    show(byId("users"), !isEmpty);
    show(byId("settings"), !isEmpty);
    show(byId("home-title"), !isEmpty && !isAsked);
    show(byId("empty"), !isEmpty && !isAsked);
    setText(byId("add-summary"), text(isEmpty ? "add-link" : "add-user"));
    this.#showAway(users);
    showList(
      byId("user-list"),
      users,
      (user) => user.record.device.device_id,
      (user) => this.#makeUser(user),
      (item, user) => this.#updateUser(item, user),
    );
  }

  #showAway(users) {
    const away = users.filter((user) => user.sessions.away.length > 0);
    show(byId("away"), away.length > 0);
    if (away.length === 0) return;
    const names = all(away.map(({ record }) => `${userName(record)} (${applicationName(record)})`));
    setText(byId("away-who"), text("away-who", { names }));
  }

  #makeUser(user) {
    const item = copyOf("user-template");
    const { record } = user;
    setText(part(item, "name"), userName(record));
    setText(part(item, "application"), applicationName(record));
    onTap(part(item, "walk-away"), () => this.#actions.onWalkAway(user));
    onTap(part(item, "come-back"), () => this.#actions.onComeBack(user));
    onTap(part(item, "remove"), () => this.#actions.onRemove(user));
    onTap(part(item, "phones"), () => openPhones(record));
    for (const name of ["walk-away", "come-back", "remove", "phones"]) describe(part(item, name), userName(record));
    return item;
  }

  #updateUser(item, user) {
    const { sessions, isForgotten, trouble } = user;
    show(part(item, "forgotten"), isForgotten);
    show(part(item, "phones"), hasPhones(user.record) && !isForgotten);
    show(part(item, "without-key"), couldHaveKey(user.record) && !isForgotten);
    show(part(item, "trouble"), trouble !== null && !isForgotten);
    setText(part(item, "trouble"), trouble ?? "");
    const list = isForgotten ? [] : (sessions.list ?? []);
    show(part(item, "no-session"), !isForgotten && sessions.list !== null && list.length === 0);
    show(part(item, "walk-away"), !isForgotten && sessions.active.length > 0);
    show(part(item, "come-back"), !isForgotten && sessions.away.length > 0);
    showList(
      part(item, "sessions"),
      list,
      (session) => session.session_id,
      (session) => this.#makeSession(user, session),
      updateSession,
    );
  }

  #makeSession(user, session) {
    const item = copyOf("session-template");
    setText(part(item, "application"), session.application_name);
    onTap(part(item, "log-out"), () => this.#actions.onLogOut(user, session));
    describe(part(item, "log-out"), `${session.application_name}, ${userName(user.record)}`);
    return item;
  }
}

function updateSession(item, session) {
  const isAway = session.session_status === "walkaway";
  setText(part(item, "state"), text(isAway ? "session-away" : "session-active"));
  part(item, "state").dataset.state = isAway ? "away" : "active";
  setMoment(part(item, "since"), session.started_at);
}

// Several buttons say the same; whoever hears them only is told whose each is.
function describe(button, whose) {
  button.setAttribute("aria-label", `${button.textContent.trim()} (${whose})`);
}
