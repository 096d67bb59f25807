// What the panel's pages do better with script. Each works without.
"use strict";

// Select all rows, and say how many are selected.
for (const form of document.querySelectorAll("form.rows")) {
  const place = form.querySelector(".select-all");
  const boxes = [...form.querySelectorAll('input[name="selected"]')];
  if (!place || boxes.length === 0) continue;
  const all = document.createElement("input");
  all.type = "checkbox";
  const label = document.createElement("label");
  const text = document.createElement("span");
  text.textContent = "Select all";
  label.append(all, text);
  place.replaceChildren(label);
  const count = form.querySelector(".selected-count");
  const show = () => {
    const selected = boxes.filter((box) => box.checked).length;
    all.checked = selected === boxes.length;
    all.indeterminate = selected > 0 && !all.checked;
    count.textContent = selected === 0 ? "" : `${selected} of ${boxes.length} selected`;
  };
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    show();
  });
  for (const box of boxes) box.addEventListener("change", show);
  show();
}

// Warn of changes that were not saved.
let unsaved = false;
for (const form of document.querySelectorAll("form[data-warn]")) {
  form.addEventListener("input", () => { unsaved = true; });
  form.addEventListener("submit", () => { unsaved = false; });
}
addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});

// Go to what is wrong.
document.querySelector("#errors, #overtaken")?.focus();

// Ask again for what is still under way.
for (const progress of document.querySelectorAll("[data-refresh]")) {
  const refresh = async () => {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = page.getElementById(progress.id);
    if (!now) return;
    progress.replaceChildren(...now.childNodes);
    if ("refresh" in now.dataset) setTimeout(refresh, 1000);
  };
  setTimeout(refresh, 1000);
}
