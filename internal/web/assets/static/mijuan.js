// What every page does: keys, copying, dialogs, forms. All by delegation, so that parts which htmx brings in need no set-up.
import "./keys.js";
import "./dialog.js";
import "./form.js";
import "./ink.js";

document.addEventListener("click", async (e) => {
  const button = e.target.closest("[data-mj-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.mjCopy);
  say(button.dataset.mjDone);
  button.dataset.copied = "yes";
  setTimeout(() => delete button.dataset.copied, 1500);
});

document.addEventListener("click", (e) => {
  const close = e.target.closest(".mj-flash [data-mj-close]");
  if (close) close.closest(".mj-flash").remove();
});

// say reads a short sentence out without showing it.
function say(words) {
  let place = document.getElementById("mj-say");
  if (!place) {
    place = Object.assign(document.createElement("div"), { id: "mj-say", className: "mj-unseen" });
    place.setAttribute("role", "status");
    document.body.append(place);
  }
  place.textContent = "";
  requestAnimationFrame(() => { place.textContent = words; });
}

// An answer to htmx that is a whole page does not belong into a part of this one: a refusal takes this page's place, a page that
// the request was led to (the log-in, after the session has ended) is gone to.
document.addEventListener("htmx:beforeSwap", (e) => {
  const { xhr, boosted } = e.detail;
  if (boosted || !/^\s*<!doctype html/i.test(xhr.responseText)) return;
  e.detail.shouldSwap = xhr.status >= 400;
  e.detail.isError = false;
  e.detail.target = document.body;
  e.detail.swapOverride = "innerHTML";
  if (xhr.status < 400) location.assign(xhr.responseURL);
});
