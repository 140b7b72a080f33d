// Fetcher gets page images, three at a time, pages before thumbnails. An answer that is no image is a sentence for the reader.
export class Fetcher {
  constructor(base, words) {
    Object.assign(this, { base, words, busy: 0, first: [], later: [] });
  }

  // image resolves to an <img> that is ready, or to { note, again }: what to say, and whether asking again may help.
  image(n, width, idle = false) {
    return new Promise((done) => {
      (idle ? this.later : this.first).push({ n, width, done });
      this.next();
    });
  }

  async next() {
    if (this.busy >= 3) return;
    const job = this.first.shift() ?? this.later.shift();
    if (!job) return;
    this.busy++;
    try {
      job.done(await this.get(job));
    } catch {
      job.done({ note: this.words.failed, again: true });
    }
    this.busy--;
    this.next();
  }

  async get({ n, width }) {
    const answer = await fetch(`${this.base}/page/${n}?w=${width}`, { headers: { Accept: "image/*, application/problem+json" }, credentials: "same-origin", cache: "no-store" });
    const kind = answer.headers.get("Content-Type") || "";
    if (!answer.ok || !kind.startsWith("image/")) {
      const detail = kind.includes("json") ? (await answer.json()).detail : "";
      return { note: detail || this.words.failed, again: answer.status >= 500 || !detail };
    }
    const image = new Image();
    image.src = URL.createObjectURL(await answer.blob());
    await image.decode();
    return image;
  }
}
