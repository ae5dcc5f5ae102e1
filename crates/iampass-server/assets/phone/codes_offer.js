// Offers recovery codes after a registration: what they are for, and a button that makes them.
//
// Belongs here: whether they are offered. Does not belong here: making them (`phones_dialog.js`).

import { call } from "./api.js";
import { byId, onTap, setText, show } from "./dom.js";
import { hasPhones, openWithNewCodes } from "./phones_dialog.js";
import { applicationName, signerOf, userName } from "./records.js";
import { text } from "./texts.js";

// The offer stands above what a person wants to tap: one that came later would move all of it.
const LIMIT_MS = 3000;

let record = null;

/** Makes the controls of the offer work. */
export function prepareCodesOffer() {
  onTap(byId("codes-offer-make"), () => {
    leaveOffer();
    return openWithNewCodes(record);
  });
  onTap(byId("codes-offer-later"), async () => leaveOffer());
}

/** Takes the offer for this record back, if it is the one that is made. */
export function withdrawOffer(of) {
  if (record?.device.device_id === of.device.device_id) show(byId("codes-offer"), false);
}

/** Offers codes for a phone that was just registered, where its user has none. Ends when that is known, or was asked for too long. */
export async function offerCodes(of) {
  record = of;
  const isOffered = await lacksCodes(of);
  if (record !== of) return;
  if (isOffered) {
    setText(byId("codes-offer-text"), text("codes-offer", { application: applicationName(of), user: userName(of) }));
  }
  show(byId("codes-offer"), isOffered);
}

// A phone that a recovery code has let in makes none for a day.
async function lacksCodes(of) {
  const { phones: address, recovery_codes: codes } = of.service.service_urls;
  if (!hasPhones(of) || !address || !codes) return false;
  try {
    const { phones, recovery_codes_left: left } = await call("GET", address, signerOf(of), { timeoutMs: LIMIT_MS });
    return left === 0 && phones.some((phone) => phone.is_this && !phone.paused_until);
  } catch (error) {
    console.warn("it cannot be asked whether there are recovery codes", error);
    return false;
  }
}

// The focus goes to what was said last, and comes back there from the dialog.
function leaveOffer() {
  byId("notice").focus();
  show(byId("codes-offer"), false);
}
