// What every page does: keys, copying, dialogs, forms. All by delegation, so that parts which htmx brings in need no set-up.
import "./keys.js";
import "./dialog.js";
import "./form.js";

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

// An answer that is an error still is a page worth showing: refusals say what would help.
document.addEventListener("htmx:beforeSwap", (e) => {
  const status = e.detail.xhr.status;
  if (status >= 400 && status !== 404 && (e.detail.xhr.getResponseHeader("Content-Type") || "").startsWith("text/html")) {
    e.detail.shouldSwap = true;
    e.detail.isError = false;
  }
});
