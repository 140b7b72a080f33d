// Scanning with the camera of this device. A box with data-mj-camera stands in a form with a field named number: what the camera reads goes into
// the field, and the form is sent. A form with data-mj-stay is sent without leaving the page: what is marked data-mj-fresh is taken from
// the answer, so that the camera goes on. The browser's own reader is used where there is one, else the one that the house brings along.
const formats = ["qr_code", "code_128"];
const between = 100; // milliseconds between two looks
const again = 3000; // milliseconds for which the same label is not read again
const long = 15000; // milliseconds without a code until there is advice
const side = 800; // pixels that are looked at, at most

async function reader() {
  const own = globalThis.BarcodeDetector;
  const known = await own?.getSupportedFormats();
  if (known && formats.every((f) => known.includes(f))) {
    const detector = new own({ formats });
    return async (canvas) => (await detector.detect(canvas))[0]?.rawValue;
  }
  await import("./zxing.min.js");
  const { MultiFormatReader, DecodeHintType, BarcodeFormat, RGBLuminanceSource, BinaryBitmap, HybridBinarizer, NotFoundException, ChecksumException, FormatException } = globalThis.ZXing;
  const zxing = new MultiFormatReader();
  zxing.setHints(new Map([[DecodeHintType.POSSIBLE_FORMATS, [BarcodeFormat.QR_CODE, BarcodeFormat.CODE_128]], [DecodeHintType.TRY_HARDER, true]]));
  return async (canvas) => {
    const { data, width, height } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const grey = new Uint8ClampedArray(width * height);
    for (let i = 0; i < grey.length; i++) grey[i] = (data[4 * i] * 77 + data[4 * i + 1] * 150 + data[4 * i + 2] * 29) >> 8;
    try {
      return zxing.decodeWithState(new BinaryBitmap(new HybridBinarizer(new RGBLuminanceSource(grey, width, height)))).getText();
    } catch (e) {
      if (e instanceof NotFoundException || e instanceof ChecksumException || e instanceof FormatException) return undefined;
      throw e;
    }
  };
}

// look draws what the camera sees: by turns the middle at its own size, and the whole made smaller.
function look(video, canvas, whole) {
  const { videoWidth: w, videoHeight: h } = video;
  const [cw, ch] = whole ? [w, h] : [Math.min(w, h), Math.min(w, h)];
  const scale = Math.min(1, side / Math.max(cw, ch));
  Object.assign(canvas, { width: Math.round(cw * scale), height: Math.round(ch * scale) });
  canvas.getContext("2d", { willReadFrequently: true }).drawImage(video, (w - cw) / 2, (h - ch) / 2, cw, ch, 0, 0, canvas.width, canvas.height);
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function say(box, what) {
  const words = box.querySelector("[data-mj-camera-said]");
  if (words.textContent !== (box.dataset[what] ?? "")) words.textContent = box.dataset[what] ?? "";
}

function stop(box) {
  const video = box.querySelector("video");
  video.srcObject?.getTracks().forEach((t) => t.stop());
  video.srcObject = null;
  video.hidden = true;
  box.querySelector("button").textContent = box.dataset.start;
}

async function start(box) {
  const video = box.querySelector("video");
  if (!navigator.mediaDevices?.getUserMedia) return say(box, "none");
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 960 } } });
  } catch (e) {
    return say(box, { NotAllowedError: "denied", SecurityError: "denied", NotReadableError: "busy", AbortError: "busy" }[e.name] ?? "none");
  }
  video.srcObject = stream;
  video.hidden = false;
  box.querySelector("button").textContent = box.dataset.stop;
  localStorage.setItem("mj-camera", "on");
  say(box, "looking");
  await video.play();
  await watch(box, video, stream);
}

// watch looks until the camera is off. A code counts when two looks agree.
async function watch(box, video, stream) {
  const read = await reader();
  const canvas = document.createElement("canvas");
  let before = "", since = performance.now();
  for (let turn = 0; video.srcObject === stream && stream.active; turn++) {
    await pause(between);
    if (!video.videoWidth || document.hidden) continue;
    look(video, canvas, turn % 4 === 3);
    const text = await read(canvas);
    if (text && text === before) {
      since = performance.now();
      say(box, "looking");
      took(box, text.slice(0, 400));
    } else if (performance.now() - since > long) {
      say(box, "far");
    }
    before = text || before;
  }
}

const taken = { text: "", at: 0 };

function took(box, text) {
  const now = performance.now(), form = box.closest("form");
  if (text === taken.text && now - taken.at < again) {
    taken.at = now;
    return;
  }
  Object.assign(taken, { text, at: now });
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(60);
  form.elements.number.value = text;
  if (!("mjStay" in form.dataset)) stop(box);
  form.requestSubmit();
}

document.addEventListener("click", (e) => {
  const box = e.target.closest("[data-mj-camera-start]")?.closest("[data-mj-camera]");
  if (!box) return;
  if (box.querySelector("video").hidden) {
    start(box);
  } else {
    localStorage.removeItem("mj-camera");
    stop(box);
    say(box, "");
  }
});

// stay sends a form and takes from the answer what is fresh. An answer of another kind (a refusal, the log-in) is gone to.
async function stay(form) {
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), credentials: "same-origin" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = [...document.querySelectorAll("[data-mj-fresh]")].map((old) => [old, page.getElementById(old.id)]);
  if (!answer.ok || fresh.some(([, now]) => !now)) return location.reload();
  for (const [old, now] of fresh) old.replaceChildren(...now.childNodes);
  form.elements.number.value = "";
  form.elements.number.focus({ preventScroll: true });
}

document.addEventListener("submit", (e) => {
  const form = e.target;
  if (!("mjStay" in form.dataset)) return;
  e.preventDefault();
  e.stopPropagation();
  if (form.dataset.busy) return;
  form.dataset.busy = "yes";
  stay(form).catch(() => form.submit()).finally(() => delete form.dataset.busy);
}, true);

window.addEventListener("pagehide", () => document.querySelectorAll("[data-mj-camera]").forEach(stop));

// Who has used the camera here and allowed it is asked for no further click.
const mine = localStorage.getItem("mj-camera") === "on" && await navigator.permissions?.query({ name: "camera" }).catch(() => null);
if (mine?.state === "granted") document.querySelectorAll("[data-mj-camera]").forEach(start);
