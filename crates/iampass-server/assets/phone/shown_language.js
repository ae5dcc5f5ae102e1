// The language of the page, kept for its worker, which shows texts while no page is open. It stands apart from the records, which nothing else may
// be mixed with.

import { ROOT_PATH } from "./address.js";

/** Keeps the language that the page is shown in. */
export function keepLanguage(language) {
  return new Promise((resolve, reject) => {
    const opened = indexedDB.open(`iampass-phone-language:${ROOT_PATH}`, 1);
    opened.onupgradeneeded = () => opened.result.createObjectStore("language");
    opened.onerror = () => reject(opened.error);
    opened.onsuccess = () => {
      const transaction = opened.result.transaction("language", "readwrite");
      transaction.objectStore("language").put(language, "shown");
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error("the browser kept nothing"));
      opened.result.close();
    };
  });
}
