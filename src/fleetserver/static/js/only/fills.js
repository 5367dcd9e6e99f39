// Of amount, total and price the third is told as soon as two are typed; it is the server that computes it.
(() => {
  "use strict";
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
})();
