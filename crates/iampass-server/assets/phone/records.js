// The device records that this browser keeps, one for each user of each application.
//
// They hold the secrets of this phone, in clear, where every script of this origin can read them: a real phone keeps them in
// its key store. That is why the page allows no script but its own.

import { ROOT_PATH, ownAddress } from "./address.js";

const KEY = `iampass-phone:${ROOT_PATH}`;
const CALLED = ["active_sessions", "device_unregister", "pending_requests"];

/** Whether anything can be kept here. Asked before a link is used up for nothing. */
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

/** All records, in the order in which they were made. */
export function loadRecords() {
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

/** Keeps a new record. It takes the place of the same user's older one, which the service no longer knows. */
export function addRecord(record) {
  const others = loadRecords().filter((other) => !isSameUser(other, record));
  save([...others, record]);
}

/** Forgets the record of this device. */
export function removeRecord(deviceId) {
  save(loadRecords().filter((record) => record.device.device_id !== deviceId));
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

/** Who signs this phone's calls. */
export function signerOf(record) {
  return { id: record.device.device_id, secret: record.device.device_secret };
}

/** The user, for a person. */
export function userName(record) {
  return record.user.display_name || record.user.user_id;
}

/** The application, for a person. */
export function applicationName(record) {
  return record.service.service_name || record.service.service_id;
}

function isSameUser(one, other) {
  return one.service.service_id === other.service.service_id && one.user.user_id === other.user.user_id;
}

function isText(value) {
  return typeof value === "string" && value !== "";
}

function save(records) {
  localStorage.setItem(KEY, JSON.stringify(records));
}
