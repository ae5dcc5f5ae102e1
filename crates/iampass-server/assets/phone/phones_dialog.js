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
  byId("phones").showModal();
  await run(async () => take(await call("GET", urls().phones, signerOf(record))));
}

/** Opens it, and makes new recovery codes. */
export async function openWithNewCodes(of) {
  await openPhones(of);
  await run(makeCodes);
}

/** Makes the dialog's controls work. */
export function preparePhonesDialog() {
  byId("phones-close").addEventListener("click", () => byId("phones").close());
  byId("phones-code-form").addEventListener("submit", (event) => {
    event.preventDefault();
    byId("phones-confirm").click();
  });
  onTap(byId("phones-confirm"), () => {
    const code = digitsIn(byId("phones-code").value);
    return change("confirm_phone", { phone_id: phones.waiting.phone_id, code });
  });
  onTap(byId("phones-deny"), () => change("deny_phone", { phone_id: phones.waiting.phone_id }));
  onTap(byId("phones-add"), () => run(makeLink));
  onTap(byId("phones-make-codes"), () => run(makeCodes));
  onTap(byId("phones-copy-link"), () => run(() => navigator.clipboard.writeText(byId("phones-link").value)));
  onTap(byId("phones-copy-codes"), () => run(() => navigator.clipboard.writeText(byId("phones-codes").textContent)));
  onTap(byId("phones-print-codes"), async () => window.print());
}

async function makeLink() {
  const body = (sent) => changeBody(record, sent, "add_phone", { display_name: userName(record) });
  const { register_url: link } = await call("POST", urls().phones_link, signerOf(record), { body });
  byId("phones-link").value = link;
  show(byId("phones-link-part"), true);
  byId("phones-link").focus();
}

async function makeCodes() {
  const body = (sent) => changeBody(record, sent, "make_recovery_codes");
  const { recovery_codes: codes } = await call("POST", urls().recovery_codes, signerOf(record), { body });
  setText(byId("phones-codes"), codes.join("\n"));
  show(byId("phones-codes-part"), true);
  byId("phones-codes").focus();
  take(await call("GET", urls().phones, signerOf(record)));
}

function change(name, members) {
  return run(async () => {
    const body = (sent) => changeBody(record, sent, name, members);
    take(await call("POST", urls().phones_change, signerOf(record), { body }));
  });
}

async function run(action) {
  show(byId("phones-failure"), false);
  try {
    await action();
  } catch (error) {
    const why = error instanceof Refused ? refusalInWords(error) : text("phones-failure");
    setText(byId("phones-failure"), why);
    show(byId("phones-failure"), true);
  }
}

function take(list) {
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

function urls() {
  return record.service.service_urls;
}
