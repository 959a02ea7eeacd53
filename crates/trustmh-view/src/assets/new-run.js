// Keeps the plan beside the form as new as the form is, and tries the model without leaving the page.
"use strict";
const start = document.querySelector("form.start");
if (start) {
  const plan = start.querySelector("#plan");
  const test = start.querySelector("#test");
  // What comes is a page's part that the server made; nothing in it runs.
  const put = (place, text) => {
    const part = new DOMParser().parseFromString(text, "text/html");
    place.replaceChildren(...part.body.childNodes);
  };
  const ask = (address, signal) =>
    fetch(address, { method: "POST", body: new URLSearchParams(new FormData(start)), signal }).then((answer) => answer.text());
  let asked = null;
  let soon = 0;
  const renew = () => {
    if (!start.elements.subject.value.trim()) return;
    if (asked) asked.abort();
    asked = new AbortController();
    plan.setAttribute("aria-busy", "true");
    ask(start.dataset.plan, asked.signal)
      .then((text) => put(plan, text))
      .then(() => plan.removeAttribute("aria-busy"))
      .catch((error) => {
        if (error.name === "AbortError") return;
        plan.removeAttribute("aria-busy");
        plan.textContent = "The viewer does not answer; it may have ended.";
      });
  };
  start.addEventListener("input", () => {
    clearTimeout(soon);
    soon = setTimeout(renew, 400);
  });
  // How fast the model was says nothing of another one.
  for (const name of ["subject", "base-url"]) {
    start.elements[name].addEventListener("input", () => test.replaceChildren());
  }
  start.querySelector("button[value=plan]").hidden = true;
  start.querySelector("button[value=test]").addEventListener("click", (event) => {
    event.preventDefault();
    const button = event.currentTarget;
    button.disabled = true;
    test.textContent = "One call is under way …";
    ask(start.dataset.test)
      .then((text) => put(test, text))
      .catch(() => { test.textContent = "The viewer does not answer; it may have ended."; })
      .then(() => { button.disabled = false; renew(); });
  });
  let begun = false;
  start.addEventListener("submit", (event) => {
    if (begun) event.preventDefault();
    begun = true;
  });
  window.addEventListener("pageshow", () => { begun = false; });
  renew();
}
