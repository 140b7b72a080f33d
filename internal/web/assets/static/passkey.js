// Passkeys: a form with data-mj-passkey asks that address for a challenge, has the browser answer it, and is sent with the answer.
// Where the browser has no passkeys, what speaks of them stays hidden. Passwords go to that address only,
// but where the form says data-mj-both.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

// read turns the texts of a challenge into the bytes that the browser wants.
function read({ publicKey: key }) {
  const named = (list) => list?.map((c) => ({ ...c, id: bytes(c.id) }));
  const asked = { ...key, challenge: bytes(key.challenge) };
  if (key.user) return { ...asked, user: { ...key.user, id: bytes(key.user.id) }, excludeCredentials: named(key.excludeCredentials) };
  return { ...asked, allowCredentials: named(key.allowCredentials) };
}

// write turns the browser's answer into JSON.
function write(key) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (key.response[part]) response[part] = text(key.response[part]);
  }
  if (key.response.getTransports) response.transports = key.response.getTransports();
  return JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, response, clientExtensionResults: key.getClientExtensionResults() });
}

class Told extends Error {}

async function challenge(form) {
  const answer = await fetch(form.dataset.mjPasskey, { method: "POST", body: new URLSearchParams(new FormData(form)), credentials: "same-origin", cache: "no-store", headers: { Accept: "application/json, application/problem+json" } });
  const body = await answer.json();
  if (!answer.ok) throw Object.assign(new Told(body.detail), { field: body.field });
  return body;
}

async function answer(form) {
  const { ceremony, options } = await challenge(form);
  const publicKey = read(options);
  const key = await navigator.credentials[publicKey.user ? "create" : "get"]({ publicKey });
  form.elements.ceremony.value = ceremony;
  form.elements.answer.value = write(key);
  if (!("mjBoth" in form.dataset)) for (const secret of form.querySelectorAll("[type=password]")) secret.disabled = true;
  form.submit();
}

// reason is what to say when it did not come about.
function reason(err, words) {
  if (err instanceof Told) return err.message;
  return { InvalidStateError: words.known, SecurityError: words.place, NotSupportedError: words.place, NotAllowedError: words.cancelled, AbortError: words.cancelled }[err.name] || words.failed;
}

function begin(form) {
  const words = JSON.parse(form.dataset.words), note = form.querySelector("[data-mj-note]"), error = form.querySelector("[data-mj-failed]");
  const say = (failed, waiting) => {
    error.textContent = failed;
    error.hidden = !failed;
    note.textContent = waiting;
    form.toggleAttribute("aria-busy", !!waiting);
  };
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    if (form.hasAttribute("aria-busy")) return;
    say("", words.waiting);
    try {
      await answer(form);
    } catch (err) {
      say(reason(err, words), "");
      form.querySelector(err.field ? `[name="${err.field}"]` : "[type=submit]")?.focus();
    }
  });
}

if (window.PublicKeyCredential) {
  document.querySelectorAll("form[data-mj-passkey]").forEach(begin);
  for (const part of document.querySelectorAll("[data-mj-passkeys]")) part.hidden = false;
}
