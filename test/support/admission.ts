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
