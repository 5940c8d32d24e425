import { readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";

const {
  KUBERNETES_SERVICE_HOST: host,
  KUBERNETES_SERVICE_PORT: port,
  CONFIG_MAP,
  HELM_RELEASE,
} = process.env;
const server = `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
const token = await readFile("/var/run/secrets/kubernetes.io/serviceaccount/token", "utf8");

async function ask(path, init = {}) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/merge-patch+json" };
  const response = await fetch(server + path, { ...init, headers, signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** Asks again and again until an answer is as it should be. @returns whether it was within that many milliseconds */
async function becomes(path, isRight, within) {
  const start = performance.now();
  while (!isRight(await ask(path))) {
    if (performance.now() - start > within) return false;
    await setTimeout(50);
  }
  return true;
}

const isLocked = ({ status }) =>
  status?.conditions?.some(({ type, status }) => type === "Locked" && status === "True") ?? false;

if (!(await becomes(HELM_RELEASE, isLocked, 60_000))) {
  console.error(
    `The release is not locked after a minute: ${JSON.stringify((await ask(HELM_RELEASE)).status)}`,
  );
  process.exit(1);
}
const { greeting } = (await ask(CONFIG_MAP)).data;
const start = performance.now();
await ask(CONFIG_MAP, { method: "PATCH", body: JSON.stringify({ data: { greeting: "Closed" } }) });
if (!(await becomes(CONFIG_MAP, ({ data }) => data.greeting === greeting, 10_000))) {
  console.error(`The change still stands after 10 s: ${JSON.stringify((await ask(HELM_RELEASE)).status)}`);
  process.exit(1);
}
console.log(`A change by hand was put right within ${Math.ceil(performance.now() - start)} ms.`);
