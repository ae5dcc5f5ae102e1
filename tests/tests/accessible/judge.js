// Makes the document of each page this window's own, one after the other, and asks axe-core for its faults.
"use strict";

const OPTIONS = { resultTypes: ["violations"], preload: false, rules: { "target-size": { enabled: true } } };

let pages = null;

async function judge(from, to, scheme) {
  pages ??= await (await fetch("/pages")).json();
  const found = [];
  for (const page of pages.slice(from, to)) {
    wear(page, scheme);
    const { violations } = await axe.run(document, OPTIONS);
    for (const { id, nodes } of violations) {
      found.push(`${page.name}: ${id}: ${nodes.map(toldOf).join("; ")}`);
    }
    const width = document.documentElement.scrollWidth;
    if (width > innerWidth) found.push(`${page.name}: is wider than the window: ${width} > ${innerWidth}, by ${whatSticksOut()}`);
  }
  return found;
}

function whatSticksOut() {
  const isOut = (element) => {
    const { left, right } = element.getBoundingClientRect();
    return left < 0 || right > innerWidth;
  };
  const out = [...document.body.querySelectorAll("*")].filter(isOut);
  return out.map((element) => `${element.localName}.${element.className} ${Math.round(element.getBoundingClientRect().left)}`).slice(0, 5).join(", ");
}

function toldOf({ target, any, all, none }) {
  return `${target.join(" ")} (${[...any, ...all, ...none].map(({ message }) => message).join(", ")})`;
}

// Scripts do not run in a document that was parsed so.
function wear({ html, style }, scheme) {
  const worn = new DOMParser().parseFromString(html, "text/html");
  for (const gone of worn.querySelectorAll("script, noscript, link, meta[http-equiv]")) gone.remove();
  const sheet = worn.createElement("style");
  sheet.textContent = `${style}
    :root { color-scheme: ${scheme} !important; }
    * { animation: none !important; transition: none !important; }`;
  worn.head.append(sheet);
  document.replaceChild(document.adoptNode(worn.documentElement), document.documentElement);
  for (const { cssRules } of document.styleSheets) setScheme(cssRules, scheme);
  for (const dialog of document.querySelectorAll("dialog[open]")) {
    dialog.removeAttribute("open");
    dialog.showModal();
  }
  for (const popover of document.querySelectorAll("[popover][data-open]")) popover.showPopover();
}

// A browser that runs without a window has no scheme of its own to be set everywhere.
function setScheme(rules, scheme) {
  for (const rule of rules) {
    if (rule.media) {
      rule.media.mediaText = rule.media.mediaText
        .replace(/\(prefers-color-scheme: dark\)/g, scheme === "dark" ? "(min-width: 0)" : "(max-width: 0)")
        .replace(/\(prefers-color-scheme: light\)/g, scheme === "light" ? "(min-width: 0)" : "(max-width: 0)");
    }
    if (rule.cssRules) setScheme(rule.cssRules, scheme);
  }
}
