// Where sessions were accepted. A place stays in this browser: nothing of it is sent to anybody.
//
// Belongs here: remembering places, and whether another one is near. Does not belong here: asking the browser where it is.

import { ROOT_PATH } from "./address.js";

const KEY = `iampass-phone:${ROOT_PATH}:places`;
const NEAR_M = 100;
// A position that is less exact than this says nothing about leaving a room.
const VAGUEST_M = 200;
const EARTH_M = 6_371_000;

/** Whether the position is exact enough to be compared or remembered. */
export function isExact({ accuracy }) {
  return accuracy <= VAGUEST_M;
}

/** Whether two positions may be at most 100 m apart: each may be as far from where it is said to be as it is vague. */
export function isNear(one, other) {
  return distance(one, other) <= NEAR_M + one.accuracy + other.accuracy;
}

/** The place of a session, if there is one. */
export function placeOf(sessionId) {
  return load()[sessionId] ?? null;
}

/** Remembers where a session was accepted. */
export function remember(sessionId, { latitude, longitude, accuracy }) {
  save({ ...load(), [sessionId]: { latitude, longitude, accuracy } });
}

/** Forgets the places of all other sessions. */
export function retain(sessionIds) {
  const kept = Object.entries(load());
  const left = kept.filter(([sessionId]) => sessionIds.includes(sessionId));
  if (left.length < kept.length) save(Object.fromEntries(left));
}

/** Forgets all places. */
export function forgetAll() {
  localStorage.removeItem(KEY);
}

// Along the surface of the earth, in metres.
function distance(one, other) {
  const radians = (degrees) => (degrees * Math.PI) / 180;
  const half = (from, to) => Math.sin(radians(to - from) / 2) ** 2;
  const across = Math.cos(radians(one.latitude)) * Math.cos(radians(other.latitude));
  const share = half(one.latitude, other.latitude) + across * half(one.longitude, other.longitude);
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(share)));
}

function load() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return Object.fromEntries(Object.entries(kept ?? {}).filter(([, place]) => isPlace(place)));
  } catch {
    return {};
  }
}

function save(places) {
  localStorage.setItem(KEY, JSON.stringify(places));
}

function isPlace(value) {
  return [value?.latitude, value?.longitude, value?.accuracy].every(Number.isFinite);
}
