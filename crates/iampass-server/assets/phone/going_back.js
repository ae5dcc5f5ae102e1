// The way back to a sign-in page in this very browser that has led here by a link.
//
// An answer by a link counts only when this browser has gone back, and only if the sign-in was begun in it. So a link that somebody else has sent lets
// nobody in.

import { takesCodes } from "./bringing.js";

/** What to say where nobody can answer: title and text. */
export const NOBODY_HERE = [
  "Nobody is registered here",
  "You accept sign-ins in another browser or in the app. Open IAMPASS there and type the six digits, or scan the QR code, of the page where you sign in.",
];

/** What to say where several can. */
export const WHO_SIGNS_IN = ["Who signs in?", "Several users are registered here. Choose one below, and go on."];

/** The users who can answer by a link: only a phone's own key counts. */
export function able(users) {
  return users.filter((user) => user.record.deviceKey && takesCodes(user));
}

/** Goes back to the page that the service names, as the application has told it. Gives whether it does. */
export function goBack(address) {
  if (typeof address !== "string" || !URL.canParse(address)) return false;
  const { protocol, hostname, href } = new URL(address);
  const isHere = hostname === "localhost" || hostname.endsWith(".localhost") || /^127\.|^\[::1\]$/.test(hostname);
  if (protocol !== "https:" && !(protocol === "http:" && isHere)) return false;
  location.replace(href);
  return true;
}
