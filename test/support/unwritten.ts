import assert from "node:assert/strict";
import { lock } from "../../hack/locker/helm-release";
import { writesOf } from "./audit";
import { postSentinel, sentinelReverted } from "./changes";
import type { Room } from "./room";

/** Locks release "web", together with the sentinel, and shows that right objects are neither written nor told as reverted. */
export async function lockUnwritten(room: Room): Promise<void> {
  await postSentinel(room);
  await lock(room, "web");
  await sentinelReverted(room);
  const writes = writesOf(await room.controlPlane.auditLog(), room.lockerUser);
  const uris = writes.map(({ verb, requestURI }) => `${verb} ${requestURI}`);
  assert.deepEqual(
    uris.filter(uri => !uri.includes("/sentinel?")),
    [],
  );
  assert.deepEqual(
    revertsIn(room).filter(line => !line.includes("/sentinel")),
    [],
  );
}

/** What the locker says that it has reverted, one JSON text each. */
export function revertsIn({ locker }: Room): string[] {
  return locker.logs.filter(({ message }) => message === "reverted").map(line => JSON.stringify(line));
}
