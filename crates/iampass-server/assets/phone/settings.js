// The settings of this phone: what it may do to be noticed. They are no secrets, and hold for this browser alone.

import { ROOT_PATH } from "./address.js";

const KEY = `iampass-phone:${ROOT_PATH}:settings`;
// `offIsOwed`: notifications were switched off, and the service has not been told.
const DEFAULTS = { notifications: false, offIsOwed: false, sound: true, vibration: true, position: false };

/** The settings now. */
export function settings() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return Object.fromEntries(
      Object.entries(DEFAULTS).map(([name, usual]) => [name, typeof kept?.[name] === "boolean" ? kept[name] : usual]),
    );
  } catch {
    return { ...DEFAULTS };
  }
}

/** Changes one of them. */
export function set(name, isOn) {
  localStorage.setItem(KEY, JSON.stringify({ ...settings(), [name]: isOn }));
}
