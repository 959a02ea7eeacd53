// Shows what a run tells while it goes on; the browser comes back by itself when the connection breaks.
"use strict";
const watched = document.querySelector("main[data-events]");
if (watched) {
  const put = (place, text) => {
    const part = new DOMParser().parseFromString(text, "text/html");
    document.getElementById(place).replaceChildren(...part.body.childNodes);
  };
  const news = new EventSource(watched.dataset.events);
  news.addEventListener("figures", (event) => put("figures", event.data));
  news.addEventListener("actions", (event) => put("actions", event.data));
  news.addEventListener("over", () => news.close());
}
