// Rating by keyboard: a digit chooses in the current field and goes on to the next, Enter saves.
"use strict";
const form = document.querySelector("form.rating");
if (form) {
  const fields = Array.from(form.querySelectorAll("fieldset"));
  const rated = (field) => field.querySelector("input:checked");
  const mark = () => {
    const next = fields.find((field) => !rated(field));
    fields.forEach((field) => field.classList.toggle("current", field === next));
    return next;
  };
  mark();
  form.addEventListener("change", mark);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input:not([type=radio]), textarea, select, summary, a, button")) return;
    if (event.key === "Enter") {
      event.preventDefault();
      form.requestSubmit();
      return;
    }
    const field = mark() || fields[fields.length - 1];
    const inputs = Array.from(field.querySelectorAll("input[type=radio]"));
    // Scales are chosen by their number, labels by their place.
    const chosen = inputs.find((input) => input.value === event.key) ||
      (inputs.every((input) => !/^-?\d+$/.test(input.value)) && inputs[Number(event.key) - 1]);
    if (!chosen) return;
    event.preventDefault();
    chosen.checked = true;
    mark();
  });
}
