// The phones of a user: the list, one that waits to be confirmed, a link for one more, and recovery codes.
//
// Belongs here: what this phone does about the others. Does not belong here: what a phone shows that waits ([waiting_view.js]).

import { Refused, call } from "./api.js";
import { digitsIn } from "./code.js";
import { byId, copyOf, onTap, part, setMoment, setText, show, showList } from "./dom.js";
import { signerOf, userName } from "./records.js";
import { changeBody } from "./statements.js";
import { text } from "./texts.js";
import { refusalInWords } from "./why.js";

const KINDS = { ios: "phone-ios", android: "phone-android", web: "phone-web" };

let record = null;
let phones = null;
let onRead = () => {};

/** Whether the service has several phones for the user of this record, and this one can change them. */
export function hasPhones({ deviceKey, service }) {
  return Boolean(deviceKey) && Boolean(service.service_urls.phones_change);
}

/** Opens the dialog for a record. */
export async function openPhones(of) {
  record = of;
  phones = null;
  setText(byId("phones-title"), text("phones-title", { user: userName(record) }));
  for (const name of ["phones-failure", "phones-link-part", "phones-codes-part", "phones-waiting"]) show(byId(name), false);
  byId("phones-list").replaceChildren();
  if (!byId("phones").open) byId("phones").showModal();
  await run(of, () => readList(of));
}

/** Opens it, and makes recovery codes where there are none: others that were made meanwhile would be worth nothing. */
export async function openWithNewCodes(of) {
  await openPhones(of);
  if (record === of && phones?.recovery_codes_left === 0) await run(of, () => makeCodes(of), "phones-codes-failure");
}

/** Makes the dialog's controls work. `onListRead(record, list)` is told each list of phones that was read. */
export function preparePhonesDialog(onListRead) {
  onRead = onListRead;
  byId("phones-close").addEventListener("click", () => isMakingCodes() || byId("phones").close());
  byId("phones").addEventListener("cancel", (event) => isMakingCodes() && event.preventDefault());
  byId("phones-code-form").addEventListener("submit", (event) => {
    event.preventDefault();
    byId("phones-confirm").click();
  });
  onTap(byId("phones-confirm"), () => {
    const code = digitsIn(byId("phones-code").value);
    return change("confirm_phone", { phone_id: phones.waiting.phone_id, code });
  });
  onTap(byId("phones-deny"), () => change("deny_phone", { phone_id: phones.waiting.phone_id }));
  onTap(byId("phones-add"), () => run(record, () => makeLink(record)));
  onTap(byId("phones-make-codes"), () => run(record, () => makeCodes(record), "phones-codes-failure"));
  onTap(byId("phones-copy-link"), () => run(record, () => navigator.clipboard.writeText(byId("phones-link").value)));
  onTap(byId("phones-copy-codes"), () => run(record, () => navigator.clipboard.writeText(byId("phones-codes").textContent)));
  onTap(byId("phones-print-codes"), async () => window.print());
}

async function makeLink(of) {
  const body = (sent) => changeBody(of, sent, "add_phone", { display_name: userName(of) });
  const { register_url: link } = await call("POST", urlsOf(of).phones_link, signerOf(of), { body });
  if (record !== of) return;
  byId("phones-link").value = link;
  show(byId("phones-link-part"), true);
  byId("phones-link").focus();
}

// They are told once. So the dialog stays until they are there, and is opened again where the browser has closed it all the same.
async function makeCodes(of) {
  const dialog = byId("phones");
  const body = (sent) => changeBody(of, sent, "make_recovery_codes");
  dialog.setAttribute("aria-busy", "true");
  const made = call("POST", urlsOf(of).recovery_codes, signerOf(of), { body });
  const { recovery_codes: codes } = await made.finally(() => dialog.removeAttribute("aria-busy"));
  if (!dialog.open || record !== of) await openPhones(of);
  setText(byId("phones-codes"), codes.join("\n"));
  show(byId("phones-codes-part"), true);
  byId("phones-codes").focus();
  await run(of, () => readList(of));
}

async function readList(of) {
  take(of, await call("GET", urlsOf(of).phones, signerOf(of)));
}

function isMakingCodes() {
  return byId("phones").getAttribute("aria-busy") === "true";
}

function change(name, members) {
  const of = record;
  return run(of, async () => {
    const body = (sent) => changeBody(of, sent, name, members);
    take(of, await call("POST", urlsOf(of).phones_change, signerOf(of), { body }));
  });
}

async function run(of, action, failure = "phones-failure") {
  show(byId("phones-failure"), false);
  try {
    await action();
  } catch (error) {
    // The dialog may have been opened for another user meanwhile.
    if (record !== of) return;
    setText(byId("phones-failure"), error instanceof Refused ? refusalInWords(error) : text(failure));
    show(byId("phones-failure"), true);
  }
}

// The dialog shows the list only if it is open for that user still: what is tapped there is done for the user it is open for.
function take(of, list) {
  onRead(of, list);
  if (record !== of) return;
  phones = list;
  const { waiting } = phones;
  show(byId("phones-waiting"), Boolean(waiting));
  if (waiting) {
    setText(byId("phones-waiting-name"), nameOf(waiting));
    setMoment(byId("phones-waiting-since"), waiting.asked_at);
  }
  byId("phones-code").value = "";
  setText(byId("phones-codes-left"), text("phones-codes-left", { count: phones.recovery_codes_left }));
  const madeAt = phones.recovery_codes_made_at;
  show(byId("phones-codes-made-part"), Boolean(madeAt));
  if (madeAt) setMoment(byId("phones-codes-made-at"), madeAt);
  showList(byId("phones-list"), phones.phones, (phone) => phone.phone_id, makeItem, updateItem);
}

function makeItem(phone) {
  const item = copyOf("phone-template");
  const id = phone.phone_id;
  const field = part(item, "new-name");
  field.setAttribute("aria-label", text("phones-new-name", { phone: nameOf(phone) }));
  onTap(part(item, "rename"), () => change("name_phone", { phone_id: id, name: field.value.trim() }));
  onTap(part(item, "remove"), () => change("remove_phone", { phone_id: id }));
  part(item, "rename").setAttribute("aria-label", text("phones-rename-one", { phone: nameOf(phone) }));
  part(item, "remove").setAttribute("aria-label", text("phones-remove-one", { phone: nameOf(phone) }));
  field.value = phone.name;
  return item;
}

function updateItem(item, phone) {
  setText(part(item, "name"), nameOf(phone));
  show(part(item, "this"), phone.is_this);
  setMoment(part(item, "added"), phone.added_at);
  show(part(item, "paused"), Boolean(phone.paused_until));
  // This one is removed at its user, where the browser forgets it too.
  show(part(item, "remove"), !phone.is_this);
}

function nameOf(phone) {
  return phone.name || text(KINDS[phone.platform] ?? "phone-nameless");
}

function urlsOf({ service }) {
  return service.service_urls;
}
