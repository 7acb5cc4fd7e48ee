// An identity provider for a Go test: npm's oidc-provider with one client. Whoever types an email address has it, verified, unless it
// begins with "unverified". It prints a line when it is ready, and ends when its input ends.
//
// Usage: node oidc.js PORT REDIRECT
import { Provider } from "oidc-provider";

const [port, redirect] = process.argv.slice(2);
const provider = new Provider(`http://localhost:${port}`, {
  clients: [{ client_id: "kapflow", client_secret: "secret-of-the-test", redirect_uris: [redirect], response_types: ["code"], grant_types: ["authorization_code"] }],
  pkce: { required: () => true },
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  conformIdTokenClaims: false,
  cookies: { keys: ["a key of the test"] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, email: id, email_verified: !id.startsWith("unverified") }) }),
});
console.warn = console.info = () => {};
provider.listen(Number(port), "localhost", () => process.stdout.write("ready\n"));
process.stdin.on("end", () => process.exit(0)).resume();
