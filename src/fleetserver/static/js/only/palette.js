// The palette and the keys, loaded when somebody first wants them.
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
export const open = () => {
  if (!palette) build();
  if (!palette.open) palette.showModal();
  palette.querySelector("input").select();
};

// Keys, one after the other. They can be turned off.
const off = "fleet-keys-off";
export const isOff = () => { try { return localStorage.getItem(off) === "1"; } catch { return false; } };
let first = "", places = null;
export const press = async (key) => {
  if (isOff()) return;
  if (key === "/") { open(); return; }
  const keys = `${first} ${key}`.trim();
  first = keys === "g" || keys === "n" ? key : "";
  if (first) return;
  places = places || await fetch("/search/shortcuts").then((reply) => reply.json()).catch(() => ({}));
  if (places[keys]) location.assign(places[keys]);
};

export const offer = (choice) => {
  const write = () => { choice.textContent = isOff() ? choice.dataset.on : choice.dataset.off; };
  choice.parentElement.hidden = false;
  choice.addEventListener("click", () => { try { localStorage.setItem(off, isOff() ? "0" : "1"); } catch { return; } write(); });
  write();
};
