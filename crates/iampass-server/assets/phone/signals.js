// How a person notices a question while the page is open: a sound, a vibration, and a number at the icon.

import { PHONE_PAGE } from "./address.js";
import { settings } from "./settings.js";

// The worker shows questions under this tag.
const QUESTION_TAG = "iampass-question_waits";
const VIBRATION_MS = 80;
const TONES = [
  [880, 0],
  [1174.7, 0.16],
];
const TONE_SECONDS = 0.14;

let audio = null;
let shownCount = null;

/** A question is new. Browsers refuse both, and complain, before the page was touched for the first time. */
export function ring() {
  if (!navigator.userActivation?.hasBeenActive) return;
  const { sound, vibration } = settings();
  if (vibration) navigator.vibrate?.(VIBRATION_MS);
  if (sound) play();
}

/** Shows how many questions wait, at the icon of the app. Where none waits, the notification of one is closed. */
export function badge(count) {
  if (count === shownCount) return;
  shownCount = count;
  const shown = count > 0 ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.();
  shown?.catch(() => {});
  if (count === 0) closeNotification().catch((error) => console.warn("the notification was not closed", error));
}

/** Takes note that the worker or another tab may have changed what is shown. */
export function badgeMayDiffer() {
  shownCount = null;
}

async function closeNotification() {
  const worker = await navigator.serviceWorker?.getRegistration(PHONE_PAGE);
  const shown = (await worker?.getNotifications?.({ tag: QUESTION_TAG })) ?? [];
  for (const notification of shown) notification.close();
}

function play() {
  try {
    audio ??= new AudioContext();
    audio.resume().catch(() => {});
    for (const [frequency, after] of TONES) {
      const [tone, loudness] = [audio.createOscillator(), audio.createGain()];
      const start = audio.currentTime + after;
      tone.frequency.value = frequency;
      loudness.gain.setValueAtTime(0.12, start);
      loudness.gain.exponentialRampToValueAtTime(0.001, start + TONE_SECONDS);
      tone.connect(loudness).connect(audio.destination);
      tone.start(start);
      tone.stop(start + TONE_SECONDS);
    }
  } catch (error) {
    console.warn("no sound", error);
  }
}
