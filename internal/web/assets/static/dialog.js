// Dialogs: a button with data-mj-open shows one, data-mj-close inside closes it. A dialog with data-mj-confirm keeps its form
// shut until the word has been typed; the server compares it again.
document.addEventListener("click", (e) => {
  const open = e.target.closest("[data-mj-open]");
  if (open) {
    const dialog = document.getElementById(open.dataset.mjOpen);
    open.closest("[popover]")?.hidePopover?.();
    dialog?.showModal();
    prepare(dialog);
  }
  const close = e.target.closest("dialog [data-mj-close]");
  if (close) close.closest("dialog").close();
});

function prepare(dialog) {
  const form = dialog?.querySelector("form[data-mj-confirm]");
  if (!form) return;
  form.elements.confirm.value = "";
  check(form);
  form.elements.confirm.focus();
}

const same = (a, b) => a.replace(/\s/g, "").toLowerCase() === b.replace(/\s/g, "").toLowerCase();

function check(form) {
  form.querySelector("[type=submit]").disabled = !same(form.elements.confirm.value, form.dataset.mjConfirm);
}

document.addEventListener("input", (e) => {
  const form = e.target.closest?.("form[data-mj-confirm]");
  if (form && e.target.name === "confirm") check(form);
});
