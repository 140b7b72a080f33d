// collect lists the files of a drop, folders opened all the way down. What systems leave about in folders is left out.
const litter = new Set([".DS_Store", "Thumbs.db", "desktop.ini"]);

export async function collect(transfer) {
  const entries = [...transfer.items].map((i) => i.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files];
  const files = [];
  for (const e of entries) await walk(e, files);
  return files.filter((f) => !litter.has(f.name));
}

async function walk(entry, files) {
  if (entry.isFile) {
    files.push(await new Promise((ok, no) => entry.file(ok, no)));
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const batch = await new Promise((ok, no) => reader.readEntries(ok, no));
    if (!batch.length) return;
    for (const e of batch) await walk(e, files);
  }
}
