import { setTimeout as delay } from "node:timers/promises";
import { Api } from "../lib/api";
import { collection } from "../lib/objects";
import { untilSeen } from "../lib/patience";
import type { Sandbox } from "./sandbox";

/** Not the user that the locker runs as here, who is refused nothing. */
export const JANE = { name: "jane", groups: ["system:masters"] };

/** Milliseconds between two attempts to do what is to be refused. */
const PAUSE = 1_000;

/**
 * Waits until the API server refuses Jane's changes. It takes up to half a minute to know the kind that the policies name: once, after the
 * locker was first started.
 *
 * @returns false where it can't refuse anything, as before Kubernetes 1.30
 * @throws PatienceError, whatever aborts the signal
 */
export async function untilRefused(sandbox: Sandbox, release: string, signal: AbortSignal): Promise<boolean> {
  const told = () => admissionOf(sandbox, release, signal);
  if ((await untilSeen(told, "what the locker says of admission")) === "NotSupported") return false;
  const jane = await Api.of(sandbox.tools.kubeconfig, JANE);
  const path = `${collection("v1", "configmaps", sandbox.namespace)}/${release}`;
  try {
    await untilSeen(() => isRefused(jane, path, signal), "the refusal of a change");
  } finally {
    await jane.close();
  }
  return true;
}

/** What the locker says of admission, once it has told the API server, or can't. */
async function admissionOf(
  { tools, registrationNamespace }: Sandbox,
  release: string,
  signal: AbortSignal,
): Promise<string | false> {
  signal.throwIfAborted();
  const reason = '-o=jsonpath={.status.conditions[?(@.type=="Admission")].reason}';
  const said = await tools.kubectl(["get", "hrl", release, "-n", registrationNamespace, reason]);
  return ["Deny", "NotSupported"].includes(said) && said;
}

/** Whether the API server refuses a change. What it lets through, the lock reverts: each time another one, which is no fight. */
async function isRefused(by: Api, path: string, signal: AbortSignal): Promise<boolean> {
  await delay(PAUSE, undefined, { signal });
  const body = { data: { [`note-${Date.now()}`]: "added by hand" } };
  return (await by.answer("PATCH", `${path}?fieldManager=kubectl-patch`, body)).status === 403;
}
