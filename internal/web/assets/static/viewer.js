// The viewer: pages are images, fetched when they come into sight and the scrolling has come to rest, because each one that is
// fetched is on record as seen. Nothing is kept after the page is closed.
import { typing } from "./keys.js";
import { Fetcher } from "./fetcher.js";

const paper = 794; // CSS pixels of an A4 page's width at 100 %
const steps = [0.25, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3, 4];
const rest = 150; // milliseconds of quiet before pages are fetched
const held = 6; // pages on either side that stay in memory

class Viewer {
  constructor(root) {
    this.root = root;
    this.words = JSON.parse(root.dataset.words);
    this.widths = JSON.parse(root.dataset.widths);
    this.count = Number(root.dataset.pages);
    this.sheets = root.querySelector("[data-mj-sheets]");
    this.strip = root.querySelector("[data-mj-thumbs]");
    this.field = root.querySelector("#mj-page");
    this.fetcher = new Fetcher(root.dataset.mjViewer, this.words);
    Object.assign(this, { mode: "width", scale: 1, turn: 0, current: 0, visible: new Set() });
    this.pages = Array.from({ length: this.count }, (_, i) => this.page(i + 1, Number(root.dataset.ratio)));
    this.sheets.append(...this.pages.map((p) => p.box));
    this.thumbs = this.pages.map((p) => this.thumb(p));
    this.strip.append(...this.thumbs.map((t) => t.button));
    this.layout();
    this.watch();
    this.listen();
    this.go(Number(/^#p(\d+)$/.exec(location.hash)?.[1]) || 1);
    this.sheets.focus({ preventScroll: true });
  }

  page(n, ratio) {
    const box = Object.assign(document.createElement("div"), { className: "mj-page" });
    const p = { n, ratio, box, width: 0, image: null };
    box.mjPage = p;
    return p;
  }

  thumb(p) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "mj-thumb" });
    const frame = document.createElement("span"), number = document.createElement("span");
    frame.style.aspectRatio = String(1 / p.ratio);
    number.textContent = p.n;
    button.setAttribute("aria-label", this.words.page.replace("{n}", p.n));
    button.append(frame, number);
    button.addEventListener("click", () => this.go(p.n));
    const t = { n: p.n, button, frame };
    button.mjThumb = t;
    return t;
  }

  watch() {
    const seen = new IntersectionObserver((entries) => {
      for (const e of entries) this.visible[e.isIntersecting ? "add" : "delete"](e.target.mjPage.n);
      this.settle();
    }, { root: this.sheets });
    this.pages.forEach((p) => seen.observe(p.box));
    const strip = new IntersectionObserver((entries) => {
      for (const e of entries) {
        clearTimeout(e.target.mjThumb.timer);
        if (e.isIntersecting) e.target.mjThumb.timer = setTimeout(() => this.fillThumb(e.target.mjThumb), rest);
      }
    }, { root: this.strip });
    this.thumbs.forEach((t) => strip.observe(t.button));
    new ResizeObserver(() => this.layout()).observe(this.sheets);
  }

  listen() {
    this.sheets.addEventListener("scroll", () => this.settle(), { passive: true });
    this.root.addEventListener("click", (e) => {
      const tool = e.target.closest("[data-mj-tool]");
      if (tool) this.act(tool.dataset.mjTool);
    });
    this.field.addEventListener("change", () => this.go(Number(this.field.value) || this.current));
    this.field.addEventListener("keydown", (e) => { if (e.key === "Enter") { this.go(Number(this.field.value) || this.current); this.sheets.focus(); } });
    document.addEventListener("keydown", (e) => this.key(e));
    if (this.root.dataset.blur) {
      const away = () => this.root.classList.toggle("mj-away", document.hidden || !document.hasFocus());
      for (const name of ["blur", "focus"]) window.addEventListener(name, away);
      document.addEventListener("visibilitychange", away);
    }
  }

  key(e) {
    if (typing(e)) return;
    const act = { ArrowLeft: "prev", PageUp: "prev", ArrowRight: "next", PageDown: "next", Home: "first", End: "last", "+": "in", "=": "in", "-": "out", 0: "width", g: "ask", G: "ask" }[e.key];
    if (!act) return;
    e.preventDefault();
    this.act(act);
  }

  act(name) {
    switch (name) {
      case "prev": return this.go(this.current - 1);
      case "next": return this.go(this.current + 1);
      case "first": return this.go(1);
      case "last": return this.go(this.count);
      case "ask": this.field.focus(); return this.field.select();
      case "in": return this.zoom(steps.find((s) => s > this.scale + 0.01) ?? steps.at(-1));
      case "out": return this.zoom(steps.findLast((s) => s < this.scale - 0.01) ?? steps[0]);
      case "width": case "page": this.mode = name; return this.layout();
      case "turn": this.turn = (this.turn + 90) % 360; return this.layout();
      case "thumbs": return this.root.classList.toggle(matchMedia("(max-width: 900px)").matches ? "mj-thumbs-on" : "mj-thumbs-off");
    }
  }

  zoom(scale) {
    this.mode = "free";
    this.scale = scale;
    this.layout();
  }

  // fit works out the scale of the modes that follow the window.
  fit() {
    const style = getComputedStyle(this.sheets), pad = parseFloat(style.paddingLeft) * 2 + 2;
    const ratio = this.pages[Math.max(0, this.current - 1)]?.ratio ?? Math.SQRT2, lying = this.turn % 180 !== 0;
    const wide = (this.sheets.clientWidth - pad) / (lying ? paper * ratio : paper), high = (this.sheets.clientHeight - pad) / (lying ? paper : paper * ratio);
    if (this.mode === "width") this.scale = Math.min(wide, 1.6);
    if (this.mode === "page") this.scale = Math.min(wide, high);
  }

  layout() {
    const anchor = this.current;
    const before = this.place(anchor);
    this.fit();
    this.pages.forEach((p) => this.measure(p));
    this.root.querySelector("[data-mj-zoom]").textContent = Math.round(this.scale * 100) + "%";
    if (anchor) this.sheets.scrollTop = this.pages[anchor - 1].box.offsetTop - before * this.pages[anchor - 1].box.offsetHeight;
    this.settle();
  }

  // place is how far into the page the window's top stands, as a part of the page's height.
  place(n) {
    const box = this.pages[n - 1]?.box;
    return box?.offsetHeight ? (box.offsetTop - this.sheets.scrollTop) / box.offsetHeight : 0;
  }

  measure(p) {
    const w = paper * this.scale, h = w * p.ratio, lying = this.turn % 180 !== 0;
    p.box.style.width = Math.round(lying ? h : w) + "px";
    p.box.style.height = Math.round(lying ? w : h) + "px";
    if (p.image) {
      p.image.style.width = Math.round(w) + "px";
      p.image.style.transform = this.turn ? `rotate(${this.turn}deg)` : "";
    }
  }

  settle() {
    this.locate();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), this.started ? rest : 0);
    this.started = true;
  }

  // locate finds the page in the middle of the window.
  locate() {
    const middle = this.sheets.scrollTop + this.sheets.clientHeight / 3;
    let lo = 0, hi = this.count - 1;
    while (lo < hi) {
      const mid = (lo + hi + 1) >> 1;
      if (this.pages[mid].box.offsetTop <= middle) lo = mid; else hi = mid - 1;
    }
    const n = lo + 1;
    if (n === this.current || !this.count) return;
    this.thumbs[this.current - 1]?.button.removeAttribute("aria-current");
    this.current = n;
    const thumb = this.thumbs[n - 1].button;
    thumb.setAttribute("aria-current", "true");
    if (this.strip.offsetParent) this.strip.scrollTop = Math.max(0, thumb.offsetTop - this.strip.offsetTop - this.strip.clientHeight / 2);
    if (document.activeElement !== this.field) this.field.value = n;
    this.root.querySelector("[data-mj-announce]").textContent = this.words.page.replace("{n}", n);
  }

  go(n) {
    n = Math.min(Math.max(1, Math.trunc(n)), this.count);
    this.field.value = n;
    if (!this.count) return;
    this.sheets.scrollTop = this.pages[n - 1].box.offsetTop - 8;
    this.locate();
  }

  load() {
    const near = new Set();
    for (const n of [...this.visible].sort((a, b) => a - b)) near.add(n);
    for (const n of [...near]) near.add(n + 1).add(n - 1);
    const wanted = paper * this.scale * devicePixelRatio, width = this.widths.find((w) => w >= wanted * 0.9) ?? this.widths.at(-1);
    for (const n of near) {
      const p = this.pages[n - 1];
      if (p && p.width < width) this.show(p, width);
    }
    for (const p of this.pages) if (p.image && Math.abs(p.n - this.current) > held) this.forget(p);
  }

  async show(p, width) {
    p.width = width;
    const got = await this.fetcher.image(p.n, width);
    if (got.note) {
      p.width = Infinity; // a page that was refused is not asked for again by itself
      if (!p.image) this.note(p, got);
      return;
    }
    if (Math.abs(p.n - this.current) > held) {
      URL.revokeObjectURL(got.src);
      p.width = 0;
      return;
    }
    const old = p.image;
    p.image = got;
    p.ratio = got.naturalHeight / got.naturalWidth;
    got.alt = this.words.page.replace("{n}", p.n);
    got.draggable = false;
    p.box.replaceChildren(got);
    if (old) URL.revokeObjectURL(old.src);
    this.measure(p);
  }

  note(p, { note, again }) {
    const place = Object.assign(document.createElement("div"), { className: "mj-page-note" });
    place.setAttribute("role", "note");
    place.append(Object.assign(document.createElement("p"), { textContent: note }));
    if (again) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "mj-btn mj-small", textContent: this.words.retry });
      button.addEventListener("click", () => { p.width = 0; this.load(); });
      place.append(button);
    }
    p.box.replaceChildren(place);
  }

  forget(p) {
    URL.revokeObjectURL(p.image.src);
    p.image = null;
    p.width = 0;
    p.box.replaceChildren();
  }

  async fillThumb(t) {
    if (t.asked) return;
    t.asked = true;
    const got = await this.fetcher.image(t.n, this.widths[0], true);
    if (got.note) return;
    got.alt = "";
    t.frame.style.aspectRatio = "auto";
    t.frame.replaceChildren(got);
  }
}

for (const root of document.querySelectorAll("[data-mj-viewer]")) new Viewer(root);
