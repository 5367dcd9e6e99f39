// What pages can do better with a script; each works without.
(() => {
  "use strict";
  const first = document.getElementById("errors");
  if (first) first.focus();
  // A form that was sent is not sent again by a second press.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    const button = event.submitter;
    if (button) button.setAttribute("aria-busy", "true");
  });
  // A photo is sent as soon as it is taken.
  for (const camera of document.querySelectorAll("input[capture]")) {
    camera.addEventListener("change", () => { if (camera.files.length) camera.form.requestSubmit(); });
  }
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) { delete form.dataset.sent; }
    for (const button of document.querySelectorAll("[aria-busy]")) { button.removeAttribute("aria-busy"); }
  });
})();
