// Forms: the first wrong field takes the focus, filters send themselves, a form is not sent twice, and this browser remembers what was
// last chosen from a list that says so (never what was written).
const focusWrong = (part) => part.querySelector(".mj-wrong input, .mj-wrong select, .mj-wrong textarea")?.focus();
focusWrong(document);
document.addEventListener("htmx:afterSettle", (e) => focusWrong(e.detail.elt));

document.addEventListener("change", (e) => {
  if (e.target.matches("[data-mj-submit]")) e.target.form.requestSubmit();
});

// What was left empty stays out of the address.
document.addEventListener("formdata", (e) => {
  if (e.target.getAttribute("method") !== "get") return;
  for (const [name, value] of [...e.formData]) if (value === "") e.formData.delete(name);
});

document.addEventListener("submit", (e) => {
  const form = e.target;
  if (form.getAttribute("method") !== "post" || form.getAttribute("role") === "search" || e.defaultPrevented) return;
  if (form.dataset.sent) {
    e.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 3000);
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((f) => delete f.dataset.sent));

const key = (select) => "mj-reason:" + select.dataset.mjRemember;

function recall() {
  for (const select of document.querySelectorAll("select[data-mj-remember]")) {
    const last = localStorage.getItem(key(select));
    if (!select.value && last && [...select.options].some((o) => o.value === last)) select.value = last;
  }
}
recall();
document.addEventListener("htmx:afterSettle", recall);
document.addEventListener("change", (e) => {
  if (e.target.matches("select[data-mj-remember]")) localStorage.setItem(key(e.target), e.target.value);
});
