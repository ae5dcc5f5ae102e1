// Where the page begins: can this browser be a phone, was it opened by a registration link, whose turn is it?

import { PHONE_PAGE, registrationLink } from "./address.js";
import { Refused, register } from "./api.js";
import { byId, onTap, show } from "./dom.js";
import { Phone } from "./phone.js";
import { addRecord, applicationName, canKeep, isRecord, userName } from "./records.js";
import { RegistrationView, acceptPastedLinks } from "./registration_view.js";
import { prepareRemoveDialog } from "./remove_dialog.js";
import { canSign } from "./signing.js";
import { keepSteady } from "./steady.js";
import { takeTurn } from "./turn.js";

const link = registrationLink(location.href.split("#")[0]);

function begin() {
  // A link works once. It must not be used up by a browser that cannot be a phone.
  if (!canSign()) return show(byId("insecure"), true);
  if (!canKeep()) return show(byId("no-storage"), true);
  keepSteady();
  acceptPastedLinks();
  prepareRemoveDialog();
  return link ? askToRegister() : bePhone();
}

function askToRegister() {
  document.title = "Register this phone? · IAMPASS phone";
  const view = new RegistrationView({
    onRegister: () => registerNow(view),
    onLater: () => leaveLink(view),
  });
  view.show(true);
}

async function registerNow(view) {
  let record;
  try {
    record = await register(link);
  } catch (error) {
    sayWhyNot(view, error);
    return;
  }
  if (!isRecord(record)) {
    view.fail(
      "This phone cannot be used",
      "It was registered, but the service named addresses of another host, which this page does not call. Open a new link under the service's public address.",
      true,
    );
    return;
  }
  addRecord(record);
  leaveLink(view, record);
}

function sayWhyNot(view, error) {
  if (error instanceof Refused && error.reason === "LINK_NOT_VALID") {
    document.title = "Link not valid · IAMPASS phone";
    view.fail(
      "This link cannot be used",
      "It was used already, a newer one replaced it, or its time is over. Ask for a new link where you got this one.",
      true,
    );
    return;
  }
  const why =
    error instanceof Refused
      ? `The service said: ${error.message}`
      : "The service could not be reached. Check the connection and try again.";
  view.fail("This phone was not registered", why, false);
}

// The code goes out of the address bar: it is of no more use, and nobody shall copy it from there.
function leaveLink(view, record) {
  history.replaceState(null, "", PHONE_PAGE);
  view.show(false);
  const phone = bePhone();
  if (!record) return;
  phone.say(
    "good",
    "This phone is registered",
    `Sign-in requests from ${applicationName(record)} for ${userName(record)} appear here by themselves.`,
  );
  byId("notice").focus();
}

function bePhone() {
  const phone = new Phone();
  const turn = {
    onGained() {
      show(byId("elsewhere"), false);
      show(byId("home"), true);
      phone.start();
    },
    onLost() {
      phone.stop();
      show(byId("home"), false);
      show(byId("elsewhere"), true);
      document.title = "Open in another tab · IAMPASS phone";
    },
    onUnseen: () => phone.stop(),
  };
  takeTurn(turn);
  // Opened anew, this tab has the turn.
  onTap(byId("use-here"), () => location.reload());
  return phone;
}

begin();
