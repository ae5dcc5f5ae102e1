// The two calls of WebAuthn, from JSON to JSON: making a credential, and proving with it that the person unlocked this device.
//
// Belongs here: how the browser is asked. The questions and their answers are those of `unlocking.js`.

// A browser does one at a time, and some ignore the time limit in the options: a newer call ends the older one, and so does its own signal.
let running = null;

/** Whether the browser has WebAuthn, at any address. */
export function hasWebAuthn() {
  return typeof PublicKeyCredential === "function" && Boolean(navigator.credentials?.create);
}

/** Whether this device has a screen lock that the browser can use. A browser that cannot tell may have one. */
export async function hasScreenLock() {
  try {
    return await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable();
  } catch {
    return true;
  }
}

/** Makes a credential within so many milliseconds, and gives its JSON. To be called from a click. */
export async function makeCredential({ publicKey }, limitMs) {
  const options = {
    ...publicKey,
    challenge: bytes(publicKey.challenge),
    user: { ...publicKey.user, id: bytes(publicKey.user.id) },
    excludeCredentials: (publicKey.excludeCredentials ?? []).map(named),
  };
  const made = await alone((signal) => navigator.credentials.create({ publicKey: options, signal }), limitMs);
  return json(made, {
    attestationObject: text(made.response.attestationObject),
    transports: made.response.getTransports?.() ?? [],
  });
}

/** Has the person unlock the device within so many milliseconds, and gives the proof as JSON. To be called from a click. */
export async function proveUnlocked({ publicKey }, limitMs) {
  const options = {
    ...publicKey,
    challenge: bytes(publicKey.challenge),
    allowCredentials: (publicKey.allowCredentials ?? []).map(named),
  };
  const proof = await alone((signal) => navigator.credentials.get({ publicKey: options, signal }), limitMs);
  return json(proof, {
    authenticatorData: text(proof.response.authenticatorData),
    signature: text(proof.response.signature),
    userHandle: proof.response.userHandle ? text(proof.response.userHandle) : null,
  });
}

async function alone(ask, limitMs) {
  running?.abort();
  const own = new AbortController();
  running = own;
  const timer = setTimeout(() => own.abort(), limitMs);
  try {
    return await ask(own.signal);
  } finally {
    clearTimeout(timer);
    if (running === own) running = null;
  }
}

function json(credential, response) {
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    clientExtensionResults: {},
    response: { clientDataJSON: text(credential.response.clientDataJSON), ...response },
  };
}

function named({ id, ...rest }) {
  return { ...rest, id: bytes(id) };
}

function bytes(base64url) {
  const binary = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function text(buffer) {
  const binary = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
