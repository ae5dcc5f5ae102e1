// The device records that have a device key, each in one piece with its key, in IndexedDB.
//
// A key cannot be read out, so it cannot be kept as text: IndexedDB alone keeps it. A record and its key are written in one step, so
// that neither is ever without the other. A record of before has none.

import { ROOT_PATH } from "./address.js";
import { isPair, makeKeyPair } from "./device_key.js";
import { freshNonce } from "./signing.js";

const DATABASE = `iampass-phone:${ROOT_PATH}`;
const STORE = "records";

// Some browsers never answer when their storage is broken.
const OPEN_MS = 5000;

/**
 * A new key pair, after it was kept here, read back and tried. Throws where this browser does not keep keys.
 *
 * Asked before a link is used up: a phone whose key is gone at the next opening could answer nothing.
 */
export async function makeKeptKeyPair() {
  const pair = await makeKeyPair();
  // Another tab may try its own key at the same time.
  const probe = `probe:${freshNonce()}`;
  await write((store) => store.put({ deviceKey: pair.privateKey }, probe));
  try {
    const kept = await read((store) => store.get(probe));
    if (!(await isPair(pair, kept.deviceKey))) throw new Error("the key that was read is another one");
  } finally {
    await write((store) => store.delete(probe));
  }
  return pair;
}

/** All records, in the order in which they were made. */
export async function loadKeyed() {
  if (!globalThis.indexedDB) return [];
  const found = await read((store) => store.getAll());
  return found.filter((entry) => entry?.record).sort((one, other) => one.madeAt - other.madeAt).map(recordOf);
}

/** Keeps a record with its key, and drops those of these devices. */
export function addKeyed({ deviceKey, ...record }, droppedIds) {
  return write((store) => {
    store.put({ record, deviceKey, madeAt: Date.now() }, record.device.device_id);
    store.delete(waitingName(record.device.device_id));
    for (const id of droppedIds) store.delete(id);
  });
}

/** Keeps records that have no key. They are older than all that have one. */
export async function copyPlain(records) {
  if (records.length === 0) return;
  await write((store) => {
    for (const record of records) store.put({ record, isPlain: true, madeAt: 0 }, record.device.device_id);
  });
}

/** Keeps a phone that waits to be confirmed, with its key. It is none of the records before that. */
export function keepWaiting({ deviceKey, ...waiting }) {
  return write((store) => store.put({ waiting, deviceKey, madeAt: Date.now() }, waitingName(waiting.device.device_id)));
}

/** The phone that waits, the last one if there are several. Null without one, or without its key. */
export async function loadWaiting() {
  if (!globalThis.indexedDB) return null;
  const found = (await read((store) => store.getAll())).filter((entry) => entry?.waiting && entry.deviceKey);
  const last = found.sort((one, other) => other.madeAt - one.madeAt)[0];
  return last ? { ...last.waiting, deviceKey: last.deviceKey } : null;
}

/** Forgets a phone that waited. */
export function removeWaiting(record) {
  return write((store) => store.delete(waitingName(record.device.device_id)));
}

/** Writes the record of a device anew. Its key stays. */
export function changeKeyed({ deviceKey: _, ...record }) {
  const id = record.device.device_id;
  return write((store) => {
    store.get(id).onsuccess = ({ target }) => target.result && store.put({ ...target.result, record }, id);
  });
}

/** Forgets these devices. */
export async function removeKeyed(deviceIds) {
  if (deviceIds.length === 0) return;
  await write((store) => {
    for (const id of deviceIds) store.delete(id);
  });
}

// A key that the browser gives back as nothing is lost. The record is still the user's.
function recordOf({ record, deviceKey, isPlain }) {
  return isPlain ? record : { ...record, deviceKey: deviceKey ?? null };
}

function waitingName(deviceId) {
  return `waiting:${deviceId}`;
}

async function read(ask) {
  const database = await open();
  try {
    return await answerOf(ask(database.transaction(STORE).objectStore(STORE)));
  } finally {
    database.close();
  }
}

// Ends when it is on the disk, and not only on its way there.
async function write(change) {
  const database = await open();
  try {
    const transaction = database.transaction(STORE, "readwrite", { durability: "strict" });
    const written = new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error("the browser kept nothing"));
    });
    change(transaction.objectStore(STORE));
    await written;
  } finally {
    database.close();
  }
}

function open() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, 1);
    let isTooLate = false;
    const timer = setTimeout(() => {
      isTooLate = true;
      reject(new Error("the browser's storage does not answer"));
    }, OPEN_MS);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => {
      clearTimeout(timer);
      if (isTooLate) asked.result.close();
      else resolve(asked.result);
    };
    asked.onerror = () => {
      clearTimeout(timer);
      reject(asked.error);
    };
  });
}

function answerOf(asked) {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}
