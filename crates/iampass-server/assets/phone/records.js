// The device records that this browser keeps, one for each user of each application.
//
// A record holds the secret of this phone, in clear, where every script of this origin can read it: a real phone keeps it in its key
// store. That is why the page allows no script but its own. A record with a device key has `deviceKey`, which no script can read, and is
// kept with it in IndexedDB. A record of before, and one that was made where no key can be kept, is without, in `localStorage`; it is moved to
// IndexedDB as well, which browsers keep longer, and what is left behind is read only where that does not answer.

import { ROOT_PATH, ownAddress } from "./address.js";
import { addKeyed, changeKeyed, copyPlain, loadKeyed, removeKeyed } from "./keyed_records.js";

const KEY = `iampass-phone:${ROOT_PATH}`;
// Whether there have been records with keys: if they cannot be read later, that is said.
const HAS_KEYED = `${KEY}:keyed`;
const CALLED = ["active_sessions", "device_unregister", "pending_requests"];

/** Whether text can be kept here. Asked before a link is used up for nothing. */
export function canKeep() {
  const probe = `${KEY}:probe`;
  try {
    localStorage.setItem(probe, "1");
    localStorage.removeItem(probe);
    return true;
  } catch {
    return false;
  }
}

/**
 * All records, in the order in which they were made; those without a key come first. With `isIncomplete`, that others are kept here and
 * cannot be read now.
 */
export async function loadRecords() {
  const plain = loadPlain();
  try {
    const kept = (await loadKeyed()).filter(isRecord);
    const left = plain.filter((record) => !kept.some((other) => isSameDevice(other, record)));
    await copyPlain(left).catch((error) => console.warn("records of before were not moved", error));
    return { records: [...left, ...kept], isIncomplete: false };
  } catch (error) {
    console.warn("records with keys cannot be read", error);
    return { records: plain, isIncomplete: localStorage.getItem(HAS_KEYED) !== null };
  }
}

/** Keeps a new record. It takes the place of the same user's older ones, which the service no longer knows, but for those of these ids. */
export async function addRecord(record, keptIds = []) {
  const { records } = await loadRecords();
  const replaced = records.filter((other) => isSameUser(other, record)).map(deviceId).filter((id) => !keptIds.includes(id));
  const others = loadPlain().filter((other) => !isSameUser(other, record));
  if (isKeyed(record)) {
    // In this order: if something fails in between, there is one too many.
    localStorage.setItem(HAS_KEYED, "1");
    await addKeyed(record, replaced);
    savePlain(others);
  } else {
    savePlain([...others, record]);
    await removeKeyed(replaced).catch((error) => console.warn("a record of before is left", error));
  }
}

/** Keeps what the service has told anew about this device. */
export async function changeRecord(record) {
  if (isKeyed(record)) return changeKeyed(record);
  savePlain(loadPlain().map((other) => (isSameDevice(other, record) ? record : other)));
  await changeKeyed(record).catch((error) => console.warn("the copy of a record was not changed", error));
}

/** Forgets the record. */
export async function removeRecord(record) {
  const removed = removeKeyed([deviceId(record)]);
  if (isKeyed(record)) await removed;
  else await removed.catch((error) => console.warn("the copy of a record is left", error));
  savePlain(loadPlain().filter((other) => !isSameDevice(other, record)));
}

/** Whether this is a record with all that the page uses, at addresses that it may call. */
export function isRecord(value) {
  return (
    isText(value?.user?.user_id) &&
    isText(value.device?.device_id) &&
    isText(value.device.device_secret) &&
    isText(value.service?.service_id) &&
    CALLED.every((name) => isText(value.service.service_urls?.[name]) && ownAddress(value.service.service_urls[name]))
  );
}

/** The id of the device. */
export function deviceId(record) {
  return record.device.device_id;
}

/** Who signs this phone's calls. */
export function signerOf(record) {
  return { id: record.device.device_id, secret: record.device.device_secret };
}

/** Where codes are brought. Null where the service takes none from this phone. */
export function bringAddress(record) {
  const address = record.service.service_urls.bring_request;
  return isText(address) && ownAddress(address) ? address : null;
}

/** Whether this phone shares a secret with a service that takes keys: whoever has that secret could add a key of their own, so none can be added. */
export function couldHaveKey(record) {
  return !isKeyed(record) && bringAddress(record) !== null;
}

/** The user, for a person. */
export function userName(record) {
  return record.user.display_name || record.user.user_id;
}

/** The application, for a person. */
export function applicationName(record) {
  return record.service.service_name || record.service.service_id;
}

function loadPlain() {
  const text = localStorage.getItem(KEY);
  if (text === null) return [];
  try {
    return JSON.parse(text).filter(isRecord);
  } catch {
    // It is nothing that this page wrote. It is put aside, not lost.
    localStorage.setItem(`${KEY}:unreadable`, text);
    return [];
  }
}

function savePlain(records) {
  const text = JSON.stringify(records);
  if (records.length > 0 || localStorage.getItem(KEY) !== null) localStorage.setItem(KEY, text);
}

function isSameUser(one, other) {
  return one.service.service_id === other.service.service_id && one.user.user_id === other.user.user_id;
}

function isSameDevice(one, other) {
  return deviceId(one) === deviceId(other);
}

// One whose key was lost has been registered with a key all the same.
function isKeyed(record) {
  return "deviceKey" in record;
}

function isText(value) {
  return typeof value === "string" && value !== "";
}
