// Passkeys for the pages of sign-in. A button with data-passkey="sign-in" asks for a passkey; one with data-passkey="create" makes
// one. Nothing else of these pages needs a script.

const bytes = text => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), c => c.charCodeAt(0));
const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const descriptors = list => (list ?? []).map(d => ({ ...d, id: bytes(d.id) }));

async function post(path, body) {
  const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const said = (answer.headers.get("Content-Type") ?? "").startsWith("application/json") ? await answer.json() : {};
  if (!answer.ok && said.next) {
    location.assign(said.next);
    return new Promise(() => {});
  }
  if (!answer.ok) throw new Error(said.error ?? "That did not work. Please reload this page and try again.");
  return said;
}

async function signIn(button) {
  const options = await post("/sign-in/passkey/begin", { next: button.dataset.next });
  const key = await navigator.credentials.get({ publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: descriptors(options.allowCredentials) } });
  return post("/sign-in/passkey/finish", {
    id: key.id, rawId: text(key.rawId), type: key.type, authenticatorAttachment: key.authenticatorAttachment ?? undefined, clientExtensionResults: key.getClientExtensionResults(),
    response: { authenticatorData: text(key.response.authenticatorData), clientDataJSON: text(key.response.clientDataJSON), signature: text(key.response.signature),
      userHandle: key.response.userHandle ? text(key.response.userHandle) : undefined },
  });
}

async function create(button) {
  const options = await post(button.dataset.path + "/begin", {});
  const key = await navigator.credentials.create({ publicKey: { ...options, challenge: bytes(options.challenge), user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: descriptors(options.excludeCredentials) } });
  return post(button.dataset.path + "/finish", {
    label: document.querySelector("[data-passkey-label]")?.value ?? "",
    credential: { id: key.id, rawId: text(key.rawId), type: key.type, authenticatorAttachment: key.authenticatorAttachment ?? undefined, clientExtensionResults: key.getClientExtensionResults(),
      response: { attestationObject: text(key.response.attestationObject), clientDataJSON: text(key.response.clientDataJSON), transports: key.response.getTransports?.() ?? [] } },
  });
}

const words = {
  NotAllowedError: "No passkey was used. Please try again.",
  InvalidStateError: "This device has a passkey already.",
  SecurityError: "This address is not set up for passkeys. Please tell the owner of the practice.",
};

for (const button of document.querySelectorAll("[data-passkey]")) {
  button.addEventListener("click", async () => {
    const fault = document.querySelector("[data-passkey-error]");
    fault.hidden = true;
    button.disabled = true;
    try {
      const { next } = await (button.dataset.passkey === "create" ? create(button) : signIn(button));
      location.assign(next);
    } catch (error) {
      fault.textContent = words[error.name] ?? error.message;
      fault.hidden = false;
      button.disabled = false;
    }
  });
}
