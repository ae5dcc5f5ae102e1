// The device key: an ECDSA key pair on the curve P-256, made here. Its private half cannot be read out of the browser.
//
// Belongs here: making a key, its public half, and signing with it. Where it is kept is decided in `keyed_records.js`.

const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const ALGORITHM = { name: "ECDSA", hash: "SHA-256" };

/** Makes a key pair. */
export function makeKeyPair() {
  // The public half can always be read. `false` is about the private one.
  return crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
}

/** The public half as a JWK, with its four members and no others. */
export async function publicJwk({ publicKey }) {
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", publicKey);
  return { kty, crv, x, y };
}

/** The signature of these bytes: 64 bytes, which is the form of ES256. */
export async function signBytes(privateKey, bytes) {
  return new Uint8Array(await crypto.subtle.sign(ALGORITHM, privateKey, bytes));
}

/** Whether a signature by the private half is one of the public half. */
export async function isPair({ publicKey }, privateKey) {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return crypto.subtle.verify(ALGORITHM, publicKey, await signBytes(privateKey, bytes), bytes);
}
