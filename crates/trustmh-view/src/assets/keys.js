// Rating by keyboard: the key on a choice takes it in the current field and goes on to the next, Enter saves, u, s and b press
// what they stand on.
"use strict";
const form = document.querySelector("form.rating");
if (form) {
  // Of a conversation that is rated reply by reply the last reply is the one.
  const pane = document.querySelector(".text-pane");
  if (pane && form.elements.turn) pane.scrollTop = pane.scrollHeight;
  const fields = Array.from(form.querySelectorAll("fieldset"));
  const rated = (field) => field.querySelector("input:checked");
  // What is corrected is gone through again from the first field on.
  let again = fields.every(rated) ? 0 : -1;
  const mark = () => {
    const next = again >= 0 ? fields[again] : fields.find((field) => !rated(field));
    fields.forEach((field) => field.classList.toggle("current", field === next));
    if (next && next !== fields[0]) next.scrollIntoView({ block: "nearest" });
    return next;
  };
  mark();
  form.addEventListener("change", mark);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input:not([type=radio]), textarea, select, summary, a, button")) return;
    if (event.key === "Enter") {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button[value=save]"));
      return;
    }
    const pressed = Array.from(form.querySelectorAll("[data-press]")).find((one) => one.dataset.press === event.key);
    if (pressed) {
      event.preventDefault();
      pressed.click();
      return;
    }
    const field = mark() || fields[fields.length - 1];
    const chosen = Array.from(field.querySelectorAll("input[type=radio]")).find((input) => input.dataset.key === event.key);
    if (!chosen) return;
    event.preventDefault();
    chosen.checked = true;
    if (again >= 0) again = again + 1 < fields.length ? again + 1 : -1;
    mark();
  });
}
