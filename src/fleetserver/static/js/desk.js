// The palette, the keys, lines of a form that grow, models of a make; each page works without.
(() => {
  "use strict";
  const off = "fleet-keys-off";
  const typing = (element) => element.closest("input, select, textarea, [contenteditable]") !== null;
  const known = document.body.classList.contains("known");

  // The palette shows what the search page finds.
  let palette = null;
  const build = () => {
    const field = document.createElement("input");
    const found = document.createElement("div");
    const said = document.querySelector("[data-palette]");
    palette = document.createElement("dialog");
    palette.className = "palette";
    palette.setAttribute("aria-label", said.dataset.palette);
    field.type = "search";
    field.name = "q";
    field.setAttribute("aria-label", said.dataset.palette);
    found.setAttribute("aria-live", "polite");
    const form = document.createElement("form");
    form.action = "/search";
    form.append(field, found);
    palette.append(form);
    document.body.append(palette);
    let asked = 0;
    const ask = async () => {
      const mine = (asked += 1);
      try {
        const reply = await fetch(`/search?q=${encodeURIComponent(field.value)}`, { headers: { "HX-Request-Type": "partial" } });
        const html = await reply.text();
        if (mine === asked && reply.ok && !reply.redirected) {
          const page = new DOMParser().parseFromString(html, "text/html");
          for (const each of page.querySelectorAll("[id]")) each.id = `palette-${each.id}`;
          for (const each of page.querySelectorAll("[aria-labelledby]")) each.setAttribute("aria-labelledby", `palette-${each.getAttribute("aria-labelledby")}`);
          found.replaceChildren(...page.body.childNodes);
        }
      } catch { form.requestSubmit && found.replaceChildren(); }
    };
    let wait = 0;
    field.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(ask, 120); });
    palette.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      const stops = [field, ...found.querySelectorAll("a")];
      const here = stops.indexOf(document.activeElement);
      stops[(here + (event.key === "ArrowDown" ? 1 : stops.length - 1)) % stops.length].focus();
      event.preventDefault();
    });
    form.addEventListener("submit", (event) => {
      const first = found.querySelector("a");
      if (first) { event.preventDefault(); location.assign(first.href); }
    });
    palette.addEventListener("click", (event) => { if (event.target === palette) palette.close(); });
    ask();
  };
  const open = () => {
    if (!palette) build();
    if (!palette.open) palette.showModal();
    palette.querySelector("input").select();
  };
  for (const link of document.querySelectorAll("[data-palette]")) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      open();
    });
  }

  // Keys, one after the other, where nobody types. They can be turned off.
  const isOff = () => { try { return localStorage.getItem(off) === "1"; } catch { return false; } };
  let first = "", places = null;
  document.addEventListener("keydown", async (event) => {
    if (!known || event.defaultPrevented || event.isComposing) return;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isOff() || typing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "/") { event.preventDefault(); open(); return; }
    const keys = `${first} ${event.key}`.trim();
    first = "";
    if (event.key === "g" || event.key === "n") first = keys.length === 1 ? event.key : "";
    if (keys.length === 1 && event.key !== "?") return;
    places = places || await fetch("/search/shortcuts").then((reply) => reply.json()).catch(() => ({}));
    if (places[keys]) location.assign(places[keys]);
  });
  const choice = document.querySelector("#keys-switch button");
  if (choice) {
    const write = () => { choice.textContent = isOff() ? choice.dataset.on : choice.dataset.off; };
    choice.parentElement.hidden = false;
    choice.addEventListener("click", () => { try { localStorage.setItem(off, isOff() ? "0" : "1"); } catch { return; } write(); });
    write();
  }

  // A line more when the last one is begun: without this a form has a few empty ones.
  document.addEventListener("input", (event) => {
    const named = /^(\w+)\.(\d+)\.(\w+)$/.exec(event.target.name || "");
    const line = named && event.target.closest(".pair");
    if (!line || !event.target.value) return;
    const [, name, number] = named;
    const next = Number(number) + 1;
    if (next > 199 || document.querySelector(`[name^="${name}.${next}."]`)) return;
    const copy = line.cloneNode(true);
    for (const each of copy.querySelectorAll(".error, .stored")) each.remove();
    for (const each of copy.querySelectorAll("[name], [id], [for], [list], [aria-describedby]")) {
      for (const attribute of ["name", "id", "for", "list"]) {
        const said = each.getAttribute(attribute);
        if (said) each.setAttribute(attribute, said.replace(`${name}.${number}.`, `${name}.${next}.`));
      }
      each.removeAttribute("aria-describedby");
      each.removeAttribute("aria-invalid");
      if ("value" in each) each.value = "";
    }
    for (const label of copy.querySelectorAll("label")) {
      const text = label.firstChild;
      if (text && text.nodeType === 3) text.data = text.data.replace(/\d+(\s*)$/, `${next + 1}$1`);
    }
    line.after(copy);
  });

  // The models of the make that was typed.
  const make = document.getElementById("field-make"), model = document.getElementById("field-model");
  if (make && model) {
    make.addEventListener("change", async () => {
      const names = await fetch(`/vehicles/models?make=${encodeURIComponent(make.value)}`).then((reply) => reply.json()).catch(() => []);
      const list = document.createElement("datalist");
      list.id = "field-model-list";
      for (const name of names) { const option = document.createElement("option"); option.value = name; list.append(option); }
      document.getElementById(list.id)?.remove();
      model.after(list);
      model.setAttribute("list", list.id);
    });
  }

  // A photo is sent as soon as it is taken.
  for (const camera of document.querySelectorAll("input[capture]")) {
    camera.addEventListener("change", () => { if (camera.files.length) camera.form.requestSubmit(); });
  }
})();
