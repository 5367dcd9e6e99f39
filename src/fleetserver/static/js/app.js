// What pages can do better with a script; each works without.
(() => {
  "use strict";
  const first = document.getElementById("errors");
  if (first) first.focus();
  // Who goes back to a form and sends it again repeats it: it gets the key again that it was sent with.
  const place = `sent ${location.pathname}${location.search}`, entry = performance.getEntriesByType("navigation")[0];
  const keep = (key) => { try { sessionStorage.setItem(place, key); } catch { /* then it is sent anew */ } };
  const sheet = document.querySelector("form.sheet");
  if (sheet?.elements._key && entry?.type === "back_forward") {
    try { sheet.elements._key.value = sessionStorage.getItem(place) || sheet.elements._key.value; } catch { /* as above */ }
  }
  // A form that was sent is not sent again by a second press.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    if (form.matches(".sheet") && form.elements._key) keep(form.elements._key.value);
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
