// Where half-sent files are remembered: their addresses, under a hash of name, size, date and target, for seven days.
const prefix = "mj-up:";
const keep = 7 * 24 * 3600 * 1000;

export async function fingerprint(file, options) {
  const words = new TextEncoder().encode([file.name, file.size, file.lastModified, options.endpoint].join("\n"));
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", words));
  return [...sum.subarray(0, 16)].map((b) => b.toString(16).padStart(2, "0")).join("");
}

function read(key) {
  const kept = JSON.parse(localStorage.getItem(key));
  if (Date.now() - Date.parse(kept.creationTime) < keep) return { ...kept, metadata: {}, urlStorageKey: key };
  localStorage.removeItem(key);
  return null;
}

const keys = (start) => Object.keys(localStorage).filter((k) => k.startsWith(start));

// remembered is a tus-js-client UrlStorage that drops the metadata, which hold the file's name.
export const remembered = {
  async findAllUploads() { return keys(prefix).map(read).filter(Boolean); },
  async findUploadsByFingerprint(print) { return keys(prefix + print).map(read).filter(Boolean); },
  async removeUpload(key) { localStorage.removeItem(key); },
  async addUpload(print, upload) {
    const key = prefix + print;
    localStorage.setItem(key, JSON.stringify({ size: upload.size, creationTime: upload.creationTime, uploadUrl: upload.uploadUrl }));
    return key;
  },
};
keys(prefix).forEach(read);
