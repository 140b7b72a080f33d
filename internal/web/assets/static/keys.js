// "/" goes to the search, "?" shows the keys. Neither while somebody types or a dialog is open.
export const typing = (e) => e.ctrlKey || e.metaKey || e.altKey || e.isComposing ||
  e.target.closest?.("input:not([type=checkbox]):not([type=radio]):not([type=file]), textarea, select, [contenteditable]") ||
  document.querySelector("dialog[open]");

document.addEventListener("keydown", (e) => {
  if (typing(e)) return;
  if (e.key === "/") {
    const fields = [...document.querySelectorAll("[data-mj-search]")].filter((f) => f.offsetParent);
    const field = fields.find((f) => f.closest("main")) || fields[0];
    if (!field) return;
    e.preventDefault();
    field.focus();
    field.select();
  }
  if (e.key === "?") {
    const table = document.getElementById("mj-keys");
    if (!table) return;
    e.preventDefault();
    table.showModal();
  }
});
