import { setTimeout as delay } from "node:timers/promises";
import type { AuditEvent } from "../clusters/control-plane/audit";
import type { Testbed } from "../locker/testbed";

/** Milliseconds between looks at the audit log, which is written after the answer and notifies nobody. */
const POLL = 100;

/** The locker's requests to the API server so far: each request once it is answered, a watch also when it opens. */
export async function requestsOf(testbed: Testbed): Promise<AuditEvent[]> {
  return (await testbed.controlPlane.auditLog()).filter(
    ({ user, stage, verb }) =>
      user.username === testbed.lockerUser && (stage === "ResponseComplete" || verb === "watch"),
  );
}

/**
 * Returns the locker's requests to the API server while something is done.
 *
 * @param writes how many writes to objects to wait for
 */
export async function requestsDuring(
  testbed: Testbed,
  writes: number,
  work: () => Promise<unknown>,
): Promise<AuditEvent[]> {
  const before = (await requestsOf(testbed)).length;
  await work();
  for (;;) {
    const seen = (await requestsOf(testbed)).slice(before);
    if (seen.filter(isObjectWrite).length >= writes) return seen;
    await delay(POLL);
  }
}

/** How many watches the locker has open. */
export async function openWatches(testbed: Testbed): Promise<number> {
  const watches = (await requestsOf(testbed)).filter(({ verb }) => verb === "watch");
  const ended = new Set(
    watches.filter(({ stage }) => stage === "ResponseComplete").map(({ auditID }) => auditID),
  );
  return new Set(watches.map(({ auditID }) => auditID).filter(id => !ended.has(id))).size;
}

/** Whether a request reads one release record. */
export function isRecordRead({ verb, objectRef }: AuditEvent): boolean {
  return verb === "get" && objectRef?.name?.startsWith("sh.helm.release.v1.") === true;
}

/** Whether a request writes a tracked object. */
export function isObjectWrite({ verb, objectRef }: AuditEvent): boolean {
  return verb === "patch" && objectRef?.resource === "configmaps";
}
