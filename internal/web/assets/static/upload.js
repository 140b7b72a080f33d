// Files go in by the tus protocol, three at a time, each with its row. What this browser remembers of a half-sent file is its
// address under a hash: no file name is left behind on the machine. Choosing the same file again goes on where it stopped.
import { collect } from "./folder.js";
import { remembered, fingerprint } from "./resume.js";

const atOnce = 3;
const patience = [0, 1000, 3000, 5000, 10000, 20000];
const again = 15000; // milliseconds between tries while the connection is away

class Drop {
  constructor(root) {
    Object.assign(this, { root, words: JSON.parse(root.dataset.words), items: [], max: Number(root.dataset.max) });
    this.rows = root.querySelector("[data-mj-rows]");
    this.form = document.getElementById(root.dataset.metaFrom);
    this.form?.addEventListener("change", () => this.pump());
    const zone = root.querySelector(".mj-drop-zone");
    for (const name of ["dragenter", "dragover"]) zone.addEventListener(name, (e) => { e.preventDefault(); zone.classList.add("mj-over"); });
    for (const name of ["dragleave", "drop"]) zone.addEventListener(name, () => zone.classList.remove("mj-over"));
    zone.addEventListener("drop", async (e) => { e.preventDefault(); this.take(await collect(e.dataTransfer)); });
    root.addEventListener("change", (e) => {
      if (!e.target.matches("[data-mj-files]")) return;
      this.take([...e.target.files]);
      e.target.value = "";
    });
    root.addEventListener("click", (e) => this.click(e));
    window.addEventListener("online", () => this.wake());
    window.addEventListener("beforeunload", (e) => { if (this.items.some((i) => i.state === "sending")) e.preventDefault(); });
    setInterval(() => this.wake(), again);
  }

  take(files) {
    for (const file of files) this.items.push(this.item(file));
    this.pump();
  }

  item(file) {
    const row = this.root.querySelector("template").content.firstElementChild.cloneNode(true);
    const i = { file, row, sent: 0, state: "" };
    row.querySelector(".mj-file-name").textContent = file.name;
    row.querySelector(".mj-file-size").textContent = size(file.size);
    row.mjItem = i;
    this.rows.append(row);
    const large = this.max > 0 && file.size > this.max;
    this.mark(i, large ? "refused" : "waiting", large ? this.words.large : "");
    return i;
  }

  click(e) {
    const one = e.target.closest("[data-mj-file]");
    const all = e.target.closest("[data-mj-all]");
    if (one) this[one.dataset.mjFile](one.closest("li").mjItem);
    if (all) for (const i of [...this.items]) if (i.state === (all.dataset.mjAll === "pause" ? "sending" : "paused") || (all.dataset.mjAll === "pause" && i.state === "waiting")) this[all.dataset.mjAll](i);
    if (one || all) this.pump();
  }

  // ready says whether the form's required boxes are ticked; files wait for them.
  ready() {
    const open = this.form && [...this.form.querySelectorAll("input[type=checkbox][required]")].filter((b) => !b.checked);
    const waits = open?.length > 0 && this.items.some((i) => i.state === "waiting");
    const note = this.root.querySelector("[data-mj-drop-error]");
    note.hidden = !waits;
    note.textContent = waits ? this.words.tick : "";
    return !open?.length;
  }

  pump() {
    if (this.ready()) {
      const busy = this.items.filter((i) => i.state === "sending").length;
      this.items.filter((i) => i.state === "waiting").slice(0, Math.max(0, atOnce - busy)).forEach((i) => this.send(i));
    }
    this.total();
  }

  async send(i) {
    this.mark(i, "sending");
    i.upload ??= new tus.Upload(i.file, {
      endpoint: this.root.dataset.mjDrop, metadata: this.meta(i.file), retryDelays: patience, headers: { Accept: "application/problem+json, application/json" },
      fingerprint, urlStorage: remembered, removeFingerprintOnSuccess: true,
      onProgress: (sent) => { i.sent = sent; this.progress(i); },
      onSuccess: () => this.done(i),
      onError: (err) => this.failed(i, err),
    });
    if (!i.upload.url) {
      const earlier = await i.upload.findPreviousUploads();
      if (earlier.length) i.upload.resumeFromPreviousUpload(earlier[0]);
    }
    if (i.state === "sending") i.upload.start();
  }

  meta(file) {
    const meta = { ...JSON.parse(this.root.dataset.meta || "{}"), filename: file.name };
    for (const box of this.form?.querySelectorAll("input[type=checkbox]:checked") ?? []) meta[box.name] = box.value;
    return meta;
  }

  done(i) {
    i.sent = i.file.size;
    this.progress(i);
    this.mark(i, "done");
    this.tell("mj-uploaded", { url: i.upload.url, name: i.file.name });
    this.pump();
    if (this.items.every((x) => x.state === "done" || x.state === "refused")) this.tell("mj-uploads-done", {});
  }

  tell(name, detail) { this.root.dispatchEvent(new CustomEvent(name, { bubbles: true, detail })); }

  // failed tells a lost connection, which mends itself, from an answer, which a person has to read.
  failed(i, err) {
    const answer = err.originalResponse;
    if (!answer) this.mark(i, "offline");
    else this.mark(i, answer.getStatus() >= 500 ? "failed" : "refused", sentence(answer.getBody()));
    this.pump();
  }

  wake() {
    if (!navigator.onLine) return;
    for (const i of this.items) if (i.state === "offline") i.state = "waiting";
    this.pump();
  }

  pause(i) { i.upload?.abort(); this.mark(i, "paused"); }
  start(i) { this.mark(i, "waiting"); }
  retry(i) { if (i.upload && i.state === "refused") i.upload = null; this.mark(i, "waiting"); }
  drop(i) {
    if (i.state !== "done") i.upload?.abort(true).catch(() => {});
    this.items.splice(this.items.indexOf(i), 1);
    i.row.remove();
  }

  mark(i, state, words) {
    i.state = state;
    const shown = (act, on) => { i.row.querySelector(`[data-mj-file=${act}]`).hidden = !on; };
    const note = i.row.querySelector(".mj-file-state");
    note.textContent = words || this.words[state === "refused" ? "failed" : state];
    note.className = "mj-file-state " + ({ done: "mj-good", failed: "mj-late", refused: "mj-late", offline: "mj-warn" }[state] || "mj-dim");
    shown("pause", state === "sending" || state === "waiting");
    shown("start", state === "paused");
    shown("retry", state === "failed" || state === "refused" || state === "offline");
    shown("drop", state !== "done");
  }

  progress(i) {
    i.row.querySelector("progress").value = i.file.size ? i.sent / i.file.size : 1;
    this.total();
  }

  total() {
    const line = this.root.querySelector("[data-mj-total]");
    const counted = this.items.filter((i) => i.state !== "refused");
    line.hidden = counted.length < 2;
    for (const button of line.querySelectorAll("button")) button.hidden = counted.every((i) => i.state === "done");
    const all = sum(counted, (i) => i.file.size), sent = sum(counted, (i) => i.sent);
    line.querySelector("progress").value = all ? sent / all : 0;
    const words = fill(this.words.total, { done: counted.filter((i) => i.state === "done").length, all: counted.length }) + this.left(all - sent, sent);
    const place = line.querySelector("[data-mj-total-text]");
    if (place.textContent !== words) place.textContent = words;
  }

  // left estimates the time to go, in steps coarse enough to be read out.
  left(rest, sent) {
    if (!this.items.some((i) => i.state === "sending")) { this.from = null; return ""; }
    this.from ??= { at: performance.now(), sent };
    const seconds = (performance.now() - this.from.at) / 1000, rate = (sent - this.from.sent) / seconds;
    if (seconds < 3 || rate <= 0) return "";
    const s = rest / rate;
    const time = s < 60 ? fill(this.words.seconds, { n: Math.ceil(s / 10) * 10 }) : s < 5400 ? fill(this.words.minutes, { n: Math.ceil(s / 60) }) : fill(this.words.hours, { n: Math.ceil(s / 3600) });
    return " · " + fill(this.words.left, { time });
  }
}

const sum = (list, f) => list.reduce((n, x) => n + f(x), 0);
const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_, k) => values[k]);

function sentence(body) {
  try {
    return JSON.parse(body).detail || "";
  } catch {
    return "";
  }
}

function size(n) {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let u = 0;
  while (n >= 1023.95 && u < 4) { n /= 1024; u++; }
  return (u && n < 100 ? n.toFixed(1) : Math.round(n)) + " " + units[u];
}

const begin = () => document.querySelectorAll("[data-mj-drop]:not([data-on])").forEach((root) => { root.dataset.on = "yes"; new Drop(root); });
begin();
document.addEventListener("htmx:load", begin);
