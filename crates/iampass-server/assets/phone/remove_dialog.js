// Asks before a user is removed from this phone.

import { byId, onTap, setText, show } from "./dom.js";
import { applicationName, userName } from "./records.js";
import { text } from "./texts.js";
import { whyNot } from "./why.js";

let current = null;

/**
 * Asks, and runs `unregister` if the answer is yes. Gives whether the record may be forgotten here.
 *
 * If the service cannot be told, the person may have it forgotten here only.
 */
export function askToRemove(record, unregister) {
  const dialog = byId("remove");
  const whose = { user: userName(record), application: applicationName(record) };
  setText(byId("remove-title"), text("remove-title", whose));
  setText(byId("remove-text"), text("remove", whose));
  show(byId("remove-failure"), false);
  show(byId("remove-anyway"), false);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    current = { unregister };
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "removed"), { once: true });
  });
}

/** Makes the dialog's buttons work. */
export function prepareRemoveDialog() {
  const dialog = byId("remove");
  byId("remove-keep").addEventListener("click", () => dialog.close());
  byId("remove-anyway").addEventListener("click", () => dialog.close("removed"));
  onTap(byId("remove-now"), async () => {
    try {
      await current.unregister();
      dialog.close("removed");
    } catch (error) {
      setText(byId("remove-failure"), text("remove-failed", { why: whyNot(error) }));
      show(byId("remove-failure"), true);
      show(byId("remove-anyway"), true);
    }
  });
}
