import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { configMap, configMapPath, content, type Body, type KubeObject } from "../../hack/lib/objects";
import { until, type IsState } from "../../hack/lib/watch";
import { lock } from "../../hack/locker/helm-release";
import { writesOf } from "./audit";
import type { Chart } from "./chart";
import { AFTER_OUTAGE, inTime } from "./in-time";
import { workIsDone } from "./queue";
import { NAMESPACE, Room } from "./room";

const SENTINEL = configMapPath(NAMESPACE, "sentinel");

let hands = 0;

/** A change made by somebody other than Helm. */
export type Change = () => Promise<unknown>;

/** A change with a JSON merge patch. */
export function byPatch(room: Room, path: string, body: Body): Change {
  return () => room.api.edit(path, body);
}

/**
 * Waits for what the locker makes of an object, as long as it promises to take.
 *
 * @param bound of the promise, in milliseconds. @default that of a revert
 */
export function becomes(
  room: Room,
  path: string,
  isState: IsState,
  bound?: number,
): Promise<KubeObject | undefined> {
  return inTime(room, path, until(room.api, path, isState), bound);
}

/** Makes a change and waits until the object was written again and is as before. */
export async function isReverted(room: Room, path: string, change: Change, bound?: number): Promise<void> {
  const before = await room.api.read(path);
  const { resourceVersion } = before.metadata;
  await change();
  await becomes(
    room,
    path,
    now => now?.metadata.resourceVersion !== resourceVersion && isSame(now, content(before)),
    bound,
  );
}

/** Deletes an object and waits until it exists again, as before. */
export async function isRecreated(room: Room, path: string): Promise<void> {
  const before = await room.api.read(path);
  await room.api.delete(path);
  await becomes(room, path, now => now?.metadata.uid !== before.metadata.uid && isSame(now, content(before)));
}

/** Waits until the locker has given an object the expected content. */
export async function isContent(room: Room, path: string, expected: Body, bound?: number): Promise<void> {
  await becomes(room, path, now => isSame(now, expected), bound);
}

/** Makes a change and proves that it is left alone. */
export async function stands(room: Room, path: string, change: Change): Promise<void> {
  const before = await room.api.read(path);
  await change();
  const changed = await room.api.read(path);
  assert.notDeepEqual(content(changed), content(before), `the change of ${path} did not stand`);
  await sentinelReverted(room);
  assert.deepEqual(
    content(await room.api.read(path)),
    content(changed),
    `the change of ${path} did not stand`,
  );
}

/** Proves that a deleted object stays away. */
export async function staysAway(room: Room, path: string): Promise<void> {
  await sentinelReverted(room);
  assert.equal(await room.api.get(path), undefined, `${path} was made again`);
}

/**
 * Opens a room in which a chart is installed as "web", and locked, together with the sentinel.
 *
 * @param prepare installs what the chart needs
 */
export function openLocked(chart: Chart, prepare?: (room: Room) => Promise<void>): Promise<Room> {
  return Room.open(async room => {
    await prepare?.(room);
    await postSentinel(room);
    await room.install("web", chart);
    await lock(room, "web");
  });
}

/** Installs and locks the release with the sentinel object. */
export async function postSentinel(room: Room): Promise<void> {
  await room.install("sentinel", { templates: { sentinel: configMap("sentinel", { post: "kept" }) } });
  await lock(room, "sentinel");
}

/**
 * Shows that the locker has dealt with every earlier event: it reverts two further changes, one after the other, to an
 * object of another locked release, and has nothing left to do for any release. What it has left alone until then, it
 * leaves alone.
 */
export async function sentinelReverted(room: Room): Promise<void> {
  await isSentinelReverted(room);
  await workIsDone(room.locker);
}

/** The same where something is held up, so that the locker always has something left to do. */
export async function isSentinelReverted(room: Room): Promise<void> {
  for (const post of ["left", "left again"]) await isReverted(room, SENTINEL, leave(room, post));
}

/** Each time somebody else: who changes the same again and again is in a fight with the locker. */
function leave(room: Room, post: string): Change {
  hands += 1;
  return byPatch(room, `${SENTINEL}?fieldManager=hand-${hands}`, { data: { post } });
}

/** Waits until the locker has found that the API server is back, as a change of the sentinel shows. */
export async function worksAgain(room: Room): Promise<void> {
  await isReverted(room, SENTINEL, leave(room, "left"), AFTER_OUTAGE);
}

/**
 * What the locker writes to objects other than the sentinel while something happens, and until it has dealt with that.
 *
 * @returns "verb path" of each write
 */
export async function writesDuring(room: Room, happens: () => Promise<unknown>): Promise<string[]> {
  const before = writesOf(await room.controlPlane.auditLog(), room.lockerUser).length;
  await happens();
  await sentinelReverted(room);
  const writes = writesOf(await room.controlPlane.auditLog(), room.lockerUser).slice(before);
  return writes
    .filter(({ objectRef }) => objectRef?.name !== "sentinel")
    .map(({ verb, requestURI }) => `${verb} ${requestURI}`);
}

function isSame(object: KubeObject | undefined, expected: Body): boolean {
  return object !== undefined && isDeepStrictEqual(content(object), expected);
}
