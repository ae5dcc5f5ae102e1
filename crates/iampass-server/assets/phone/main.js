// Where the page begins: can this browser be a phone, was it opened by a registration link, whose turn is it?

import { PHONE_PAGE, registrationLink } from "./address.js";
import { linkOf, scanOf } from "./code.js";
import { offerCodes, prepareCodesOffer, withdrawOffer } from "./codes_offer.js";
import { byId, onTap, show } from "./dom.js";
import { loadWaiting } from "./keyed_records.js";
import { followChoice } from "./language.js";
import { Phone } from "./phone.js";
import { preparePhonesDialog } from "./phones_dialog.js";
import { applicationName, canKeep, isRecord, loadRecords, userName } from "./records.js";
import { Registering } from "./registering.js";
import { acceptLinks } from "./registration_view.js";
import { prepareRemoveDialog } from "./remove_dialog.js";
import { ScannerDialog } from "./scanner_dialog.js";
import { canSign } from "./signing.js";
import { keepSteady } from "./steady.js";
import { onPushed } from "./subscribing.js";
import { tabTitle, text } from "./texts.js";
import { takeTurn } from "./turn.js";

const link = registrationLink(location.href.split("#")[0]);

// The camera of this device, or the page where one signs in, has opened this one with the secret of a QR code.
let scan = null;

// The sign-in page of this browser leads here, and wants it back.
let way = null;

const registering = new Registering(registered, waits);
let phone = null;

function begin() {
  // The page is loaded anew in the language that was chosen, with all that stands in its address.
  if (canSign() && canKeep() && followChoice()) return;
  scan = takeScan();
  way = takeWay();
  // A link works once. It must not be used up by a browser that cannot be a phone.
  if (!canSign()) return show(byId("insecure"), true);
  if (!canKeep()) return show(byId("no-storage"), true);
  keepSteady();
  acceptLinks(new ScannerDialog(), askInPage);
  prepareRemoveDialog();
  preparePhonesDialog((record, { recovery_codes_left: left }) => left > 0 && withdrawOffer(record));
  prepareCodesOffer();
  if (link) registering.ask(link);
  else goOn();
}

// A phone that waited when this page was closed goes on waiting.
async function goOn() {
  const waiting = await loadWaiting().catch((error) => console.warn("it cannot be read whether a phone waits", error));
  if (waiting && isRecord(waiting)) registering.resume(waiting);
  else phone = bePhone();
}

// A phone that waits to be let in by one user is the phone of those who are here already: they are asked meanwhile.
async function waits() {
  if (phone) {
    show(byId("home"), true);
    return;
  }
  const records = await loadRecords().then((loaded) => loaded.records, () => []);
  if (!phone && records.length > 0) phone = bePhone();
}

// It goes out of the address bar at once: it is good for one use, and stays in no history.
function takeScan() {
  const secret = scanOf(location.hash);
  if (secret) history.replaceState(null, "", PHONE_PAGE);
  return secret;
}

function takeWay() {
  const way = linkOf(location.hash);
  if (way) history.replaceState(null, "", PHONE_PAGE);
  return way;
}

// A link that was scanned or pasted is used in this very page: an app that is installed would open another one somewhere else, with other storage.
function askInPage(link) {
  show(byId("home"), false);
  registering.ask(link);
}

async function registered(record) {
  // The code goes out of the address bar: it is of no more use, and nobody shall copy it from there.
  history.replaceState(null, "", PHONE_PAGE);
  if (phone) {
    show(byId("home"), true);
    await phone.start();
  } else {
    phone = bePhone();
  }
  if (!record) return;
  await offerCodes(record);
  phone.say(
    "good",
    text("registered-title"),
    text("registered", { application: applicationName(record), user: userName(record) }),
  );
  byId("settings").open = true;
  // A request that has come meanwhile has the focus.
  if (byId("request").hidden) byId("notice").focus();
}

function bePhone() {
  const phone = new Phone();
  const turn = {
    async onGained() {
      show(byId("elsewhere"), false);
      await phone.start();
      if (phone.isOn) show(byId("home"), true);
    },
    onLost() {
      phone.stop();
      show(byId("home"), false);
      show(byId("elsewhere"), true);
      document.title = tabTitle("elsewhere-tab");
    },
    onUnseen: () => phone.stop(),
  };
  takeTurn(turn);
  // Opened anew, this tab has the turn.
  onTap(byId("use-here"), () => location.reload());
  onPushed(({ isTapped }) => isTapped && !byId("elsewhere").hidden && location.reload());
  if (scan) phone.arrive();
  if (way) phone.arriveBy(way);
  window.addEventListener("hashchange", () => {
    if (takeScan()) phone.arrive();
    const another = takeWay();
    if (another) phone.arriveBy(another);
  });
  return phone;
}

begin();
