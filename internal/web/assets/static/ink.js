// A field to draw a signature in: strokes on a canvas, kept as a PNG in the form's hidden field. Nothing drawn is nothing sent.
let pen = null;

const at = (canvas, e) => {
  const box = canvas.getBoundingClientRect();
  return [(e.clientX - box.left) * canvas.width / box.width, (e.clientY - box.top) * canvas.height / box.height];
};

document.addEventListener("pointerdown", (e) => {
  const canvas = e.target.closest?.("canvas.mj-ink");
  if (!canvas) return;
  e.preventDefault();
  canvas.setPointerCapture(e.pointerId);
  const ink = canvas.getContext("2d");
  Object.assign(ink, { lineWidth: 5, lineCap: "round", lineJoin: "round", strokeStyle: "#111" });
  ink.beginPath();
  ink.moveTo(...at(canvas, e));
  pen = { canvas, ink };
});

document.addEventListener("pointermove", (e) => {
  if (!pen) return;
  const steps = e.getCoalescedEvents?.() ?? [];
  for (const step of steps.length ? steps : [e]) pen.ink.lineTo(...at(pen.canvas, step));
  pen.ink.stroke();
});

const lift = () => {
  if (!pen) return;
  pen.canvas.parentElement.querySelector("input[name=drawing]").value = pen.canvas.toDataURL("image/png");
  pen = null;
};
document.addEventListener("pointerup", lift);
document.addEventListener("pointercancel", lift);

document.addEventListener("click", (e) => {
  const field = e.target.closest?.("[data-mj-ink-clear]")?.closest("[data-mj-ink]");
  if (!field) return;
  const canvas = field.querySelector("canvas");
  canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
  field.querySelector("input[name=drawing]").value = "";
});

// A form that came back shows again what was drawn.
for (const field of document.querySelectorAll("[data-mj-ink]")) {
  const kept = field.querySelector("input[name=drawing]").value, canvas = field.querySelector("canvas");
  if (!kept) continue;
  const picture = new Image();
  picture.onload = () => canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.src = kept;
}
