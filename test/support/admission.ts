import type { Api } from "../../hack/lib/api";
import { untilSeen } from "../../hack/lib/patience";
import type { Body } from "../../hack/lib/objects";
import { helmRelease, isLocked, register, says, untilStatus } from "../../hack/locker/helm-release";
import type { Room } from "./room";

/** Locks a release with admission, and waits until the locker says that it is in force. */
export async function lockWith(room: Room, release: string, admission: Body, spec: Body = {}): Promise<void> {
  await register(room, helmRelease(release, { spec: { ...spec, admission } }));
  await isLocked(room, release);
  if (typeof admission.action === "string") await isAdmitted(room, release, admission.action);
}

/** Waits until the locker says what the API server does. @param reason of condition Admission */
export async function isAdmitted(
  room: Room,
  release: string,
  reason: string,
  status = "True",
): Promise<void> {
  await untilStatus(room, release, seen => says(seen, "Admission", status, reason));
}

/** Waits until the API server has seen new policies, for which it looks once a second. */
export async function isInForce(isSo: () => Promise<boolean>): Promise<void> {
  await untilSeen(isSo, "what the policies say");
}

/** Whether the API server refuses a change of a ConfigMap by kubectl: each time another one, as what is as it was is let through. */
export async function isPatchRefused(api: Api, path: string): Promise<boolean> {
  const data = { color: String(Math.random()) };
  return (await api.answer("PATCH", `${path}?fieldManager=kubectl-patch`, { data })).status === 403;
}
