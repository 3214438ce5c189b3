// Bull Board's buttons have signs and no names: a screen reader would say "button". Named by sign.

const NAMES = {
  "lucide-refresh-cw": "Retry",
  "lucide-corner-up-left": "Promote",
  "lucide-ellipsis-vertical": "More",
  "lucide-copy": "Copy",
  "lucide-maximize": "Full screen",
  "lucide-settings": "Settings",
  "lucide-circle-user": "Links",
};

function nameButtons() {
  for (const button of document.querySelectorAll("button:not([aria-label])")) {
    if (button.textContent.trim() !== "") continue;
    const sign = Object.keys(NAMES).find((each) => button.querySelector(`.${each}`) !== null);
    if (sign !== undefined) button.setAttribute("aria-label", NAMES[sign]);
  }
}

new MutationObserver(nameButtons).observe(document.documentElement, {
  childList: true,
  subtree: true,
});
nameButtons();
