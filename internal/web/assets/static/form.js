// Forms: the first wrong field takes the focus, filters send themselves, a form is not sent twice, and this browser remembers the
// last reason chosen from a list (never what was written).
const focusWrong = () => document.querySelector(".mj-wrong input, .mj-wrong select, .mj-wrong textarea")?.focus();
focusWrong();
document.addEventListener("htmx:afterSettle", focusWrong);

document.addEventListener("change", (e) => {
  if (e.target.matches("[data-mj-submit]")) e.target.form.requestSubmit();
});

document.addEventListener("submit", (e) => {
  const form = e.target;
  if (form.method !== "post" || e.defaultPrevented) return;
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
