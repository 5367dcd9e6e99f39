// What forms can do better with a script: lines that grow, models of a make.
(() => {
  "use strict";
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

  // Of amount, total and price the third is told as soon as two are typed; it is the server that computes it.
  const number = (field) => {
    let text = field.value.replace(/[\s'’]/g, "");
    const last = Math.max(text.lastIndexOf(","), text.lastIndexOf("."));
    if (last >= 0) text = `${text.slice(0, last).replace(/[.,]/g, "")}.${text.slice(last + 1)}`;
    return text && !isNaN(text) && +text > 0 ? +text : 0;
  };
  const total = document.getElementById("field-total"), price = document.getElementById("field-unit_price");
  if (total && price) {
    const amounts = ["volume", "mass", "energy"].map((name) => document.getElementById(`field-${name}`)).filter(Boolean);
    const all = [...amounts, total, price];
    const tell = () => {
      for (const old of document.querySelectorAll("output.third")) old.remove();
      const amount = amounts.find((each) => each.value) || amounts[0];
      const [a, t, p] = [amount, total, price].map(number);
      const empty = [amount, total, price].filter((each) => !each.value);
      if (!amount || empty.length !== 1 || [a, t, p].filter(Boolean).length !== 2) return;
      const value = empty[0] === amount ? t / p : empty[0] === total ? a * p : t / a;
      const places = empty[0] === price ? 3 : 2;
      const said = document.createElement("output");
      said.className = "third";
      said.textContent = `= ${value.toLocaleString(document.documentElement.lang, { minimumFractionDigits: places, maximumFractionDigits: places })} ${empty[0].nextElementSibling?.textContent || ""}`;
      empty[0].closest(".field").append(said);
    };
    for (const each of all) each.addEventListener("input", tell);
    tell();
  }

  // Another vehicle has other fuels and another odometer: its form is fetched, as long as nothing was typed.
  const vehicle = document.getElementById("field-vehicle_id");
  if (vehicle?.options && /\/(new|fuel)$/.test(location.pathname)) {
    let typed = false;
    vehicle.form.addEventListener("input", (event) => { typed ||= event.target !== vehicle; });
    vehicle.addEventListener("change", () => {
      if (!typed && vehicle.value && navigator.onLine) location.search = new URLSearchParams({ vehicle: vehicle.value });
    });
  }
})();
