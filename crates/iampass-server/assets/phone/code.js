// The code that the sign-in page shows: six digits to type, and a QR code with an address that carries a longer secret.
//
// Belongs here: reading the two. A proof is `{code}` or `{scan}`, as the service takes it.

import { PHONE_PAGE, ownAddress } from "./address.js";

/** How many digits a code has. */
export const DIGITS = 6;

// The secret of a code, or of one that changes each second: token, second, tag.
const SCAN = /^#scan=([\w-]{22}|[0-9a-f]{32}\.\d{1,9}\.[\w-]{22})$/;

// A link that the sign-in page of this very browser leads here with: token, a word, tag. An answer by it counts when this browser has gone back.
const LINK = /^#link=([0-9a-f]{32}\.link\.[\w-]{22})$/;

// Keyboards of some languages type digits of their own.
const ZEROS = [0x0660, 0x06f0, 0x0966, 0x09e6];

/** The digits in a text that was typed or pasted, in ASCII. Spaces and what stands between digits are left out. */
export function digitsIn(text) {
  const digits = [...text.normalize("NFKC")].map((letter) => {
    const at = letter.codePointAt(0);
    const zero = ZEROS.find((first) => at >= first && at < first + 10);
    return zero === undefined ? letter : String(at - zero);
  });
  return digits.join("").replace(/[^0-9]/g, "");
}

/** The proof in what was typed or pasted: six digits, or the address of a QR code. Null if it is neither. */
export function proofIn(text) {
  const scan = scanIn(text);
  if (scan) return { scan };
  // The digits in the address of another page are no code.
  if (text.includes("://")) return null;
  const code = digitsIn(text);
  return code.length === DIGITS ? { code } : null;
}

/** The secret in an address of this service's phone page, or null. */
export function scanIn(text) {
  const [address, ...rest] = text.trim().split("#");
  if (ownAddress(address) !== PHONE_PAGE || rest.length !== 1) return null;
  return scanOf(`#${rest[0]}`);
}

/** The proof in the fragment of an address with which a sign-in page leads here, as `{scan}`, or null. */
export function linkOf(fragment) {
  const scan = LINK.exec(fragment)?.[1];
  return scan ? { scan } : null;
}

/** The same in an address of this service's phone page. */
export function linkIn(text) {
  const [address, ...rest] = text.trim().split("#");
  if (ownAddress(address) !== PHONE_PAGE || rest.length !== 1) return null;
  return linkOf(`#${rest[0]}`);
}

/** Whether a proof is a code that changes each second. */
export function isMoving(proof) {
  return /^[0-9a-f]{32}\.\d{1,9}\./.test(proof?.scan ?? "");
}

/** Whether a proof may be that of a login without a name, which becomes that of whoever brings it. */
export function isAnybodys(proof) {
  return isMoving(proof) || isLink(proof);
}

/** Whether a proof is that of a link. */
export function isLink(proof) {
  return proof?.scan?.includes(".link.") === true;
}

/** The secret in the fragment of an address, or null. */
export function scanOf(fragment) {
  return SCAN.exec(fragment)?.[1] ?? null;
}
