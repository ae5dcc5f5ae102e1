// Asks who signs in, where the code names nobody and several users of this phone could be meant. The page never guesses: the login becomes that of whom
// it is brought for.

import { byId, setText } from "./dom.js";
import { isMoving } from "./code.js";
import { now } from "./clock.js";
import { applicationName, userName } from "./records.js";
import { text } from "./texts.js";

// A code that changes each second is taken for a few seconds. Choosing may take longer, and then it is scanned once more.
const FRESH_MS = 3000;

/** Asks for one of these records. Gives `{record, proof}` with a proof that is fresh, or null when nobody was chosen. */
export async function askWho(records, proof, scanner) {
  const askedAt = now();
  const record = await choose(records);
  if (!record) return null;
  if (!isMoving(proof) || now() - askedAt < FRESH_MS) return { record, proof };
  const scan = await scanner.scan(undefined, text("which-again"));
  return scan && { record, proof: { scan } };
}

/** Ends the question without a choice. */
export function closeWho() {
  if (byId("which").open) byId("which").close();
}

async function choose(records) {
  const dialog = byId("which");
  byId("which-list").replaceChildren(...records.map((record) => choiceOf(record, dialog)));
  byId("which-none").onclick = () => dialog.close();
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  return records.find(({ device }) => device.device_id === dialog.returnValue) ?? null;
}

function choiceOf(record, dialog) {
  const [item, button] = [document.createElement("li"), document.createElement("button")];
  button.type = "button";
  button.className = "button wide";
  setText(button, `${userName(record)} (${applicationName(record)})`);
  button.addEventListener("click", () => dialog.close(record.device.device_id));
  item.append(button);
  return item;
}
