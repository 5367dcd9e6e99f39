// Without a connection: registers the service worker, says how old a saved page is, and what waits to be sent.
(() => {
  "use strict";
  const worker = navigator.serviceWorker, { by, saved } = document.body.dataset;
  if (!worker || !by) return;
  worker.register("/sw.js").catch(() => {});
  const ask = (what, more = {}) => worker.ready.then(({ active }) => new Promise((answer) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (event) => answer(event.data);
    active.postMessage({ what, by, ...more }, [port2]);
  }));
  worker.ready.then(() => { if (!worker.controller) ask("claim"); });  // a page that was loading when it woke
  const badge = document.getElementById("waiting"), unsent = document.getElementById("unsent");
  const watchers = [];
  const look = async () => {
    const found = await ask("list"), open = found.mine.filter((one) => one.state !== "sent").length;
    if (badge) {
      badge.hidden = !open;
      badge.lastElementChild.textContent = open === 1 ? badge.dataset.one : badge.dataset.many.replace("{number}", open);
    }
    if (unsent) unsent.hidden = !open;
    for (const watch of watchers) watch(found);
    return found;
  };
  const flush = async () => {
    const { mine } = await look();
    if (mine.some((one) => one.state === "waiting")) await ask("flush").then(look);
  };
  window.fleetQueue = { ask, flush, watch: (seen) => { watchers.push(seen); look(); } };
  worker.addEventListener("message", (event) => { if (event.data.queue) look(); });
  addEventListener("online", flush);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) flush(); });
  setInterval(flush, 60000);
  addEventListener("load", () => { flush(); if (!saved) ask("warm"); });

  const hidden = (form, name, value) => {
    const input = form.elements[name] || form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name }));
    input.value = value;
  };
  const isTyped = (each) => each.name && !each.name.startsWith("_") && each.labels?.length && (each.type === "checkbox" ? each.checked : each.value);
  const shown = (each) => (each.selectedOptions ? each.selectedOptions[0]?.textContent : each.type === "checkbox" ? "✓" : each.value);
  const typed = (form) => [...form.elements].filter(isTyped).map((each) => [each.labels[0].firstChild.textContent.trim() || each.labels[0].textContent.trim(), shown(each)]);
  if (saved) {
    const note = document.getElementById("saved-copy"), when = new Date(saved), lang = document.documentElement.lang;
    note.lastElementChild.textContent = note.dataset.text.replace("{when}", when.toLocaleString(lang, { dateStyle: "medium", timeStyle: "short" }));
    note.hidden = false;
    // A saved form may be filled in more than once: each time is an entry of its own.
    for (const form of document.forms) if (form.elements._key) form.elements._key.value = crypto.randomUUID();
  }
  let last = "";
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !("offline" in form.dataset) || !form.elements._key) return;
    const told = typed(form), now = JSON.stringify(told);
    if (last && last !== now) form.elements._key.value = crypto.randomUUID();  // changed after coming back to it
    last = now;
    hidden(form, "_at", new Date().toISOString());
    const title = document.querySelector("h1").textContent.trim(), page = location.pathname + location.search;
    worker.controller?.postMessage({ what: "draft", by, key: form.elements._key.value, draft: { title, page, told } });
  });

  // An entry that was not taken stands in its form again.
  const key = new URLSearchParams(location.hash.slice(1)).get("outbox"), form = document.querySelector("form[data-offline]");
  if (key && form) ask("list").then(({ mine }) => {
    const one = mine.find((each) => each.key === key);
    if (!one) return;
    const values = new Map(one.fields);
    for (const each of form.elements) {
      if (!each.name || each.name.startsWith("_")) continue;
      if (each.type === "checkbox") each.checked = values.has(each.name);
      else if (values.has(each.name)) each.value = values.get(each.name);
      if (values.has(each.name)) each.closest("details")?.setAttribute("open", "");
    }
    hidden(form, "_replaces", key);
  });
})();
