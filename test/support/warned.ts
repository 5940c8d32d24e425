import { z } from "zod";
import { collection, type KubeObject } from "../../hack/lib/objects";
import { Watch } from "../../hack/lib/watch";
import {
  ask,
  helmRelease,
  isAtRest,
  register,
  REGISTRATION_NAMESPACE,
  untilStatus,
  type Status,
} from "../../hack/locker/helm-release";
import { writesOf } from "./audit";
import type { Room } from "./room";

type Entry = Status["drift"][number];

const event = z.object({
  reason: z.string(),
  type: z.string(),
  message: z.string(),
  count: z.number(),
  involvedObject: z.object({ name: z.string() }),
});

/** Has a release only warned of, and waits until the status says so. */
export async function warn(room: Room, release: string): Promise<Status> {
  await register(room, helmRelease(release, { spec: { driftDetection: { mode: "warn" } } }));
  return isAtRest(room, release, "Warn");
}

/** Chooses another mode, and waits until the status says so. */
export async function turn(room: Room, release: string, mode: string): Promise<Status> {
  await ask(room, release, { driftDetection: { mode } });
  return untilStatus(room, release, seen => seen.mode === mode);
}

/** How a status names an object. */
export function named({ kind = "", metadata: { namespace = "", name } }: KubeObject): string {
  return `${kind} ${namespace}/${name}`;
}

/** Waits until the status tells of the drift of exactly these objects, and returns what it says of each. */
export async function driftOf(room: Room, release: string, ...objects: string[]): Promise<Entry[]> {
  const verdict = objects.length > 0 ? "True DriftDetected" : "False NoDriftDetected";
  const { drift } = await untilStatus(room, release, ({ drift, conditions, objects: counts }) => {
    const condition = conditions.find(({ type }) => type === "Drifted");
    const told = drift.map(({ object }) => object);
    return (
      counts?.drifted === objects.length &&
      told.length === objects.length &&
      objects.every(object => told.includes(object)) &&
      verdict === `${condition?.status} ${condition?.reason}`
    );
  });
  return objects.flatMap(object => drift.filter(entry => entry.object === object));
}

/** Brings an object back by hand: as it was, its managedFields included. */
export async function bringBack(room: Room, path: string, was: KubeObject): Promise<void> {
  const { resourceVersion } = (await room.api.read(path)).metadata;
  await room.api.replace(path, { ...was, metadata: { ...was.metadata, resourceVersion } });
}

/** What the locker has written to users' objects: "verb path" of each. */
export async function allWrites(
  room: Room,
  isMeant: (uri: string) => boolean = () => true,
): Promise<string[]> {
  return writesOf(await room.controlPlane.auditLog(), room.lockerUser)
    .filter(({ requestURI }) => isMeant(requestURI))
    .map(({ verb, requestURI }) => `${verb} ${requestURI}`);
}

/** How often the log has told something of an object. */
export function linesOf(room: Room, message: string, object: string): number {
  return room.locker.logs.filter(line => line.message === message && line.object === object).length;
}

/** Waits for Events of a reason on a HelmRelease that name an object, and returns how often that was told. */
export async function toldByEvent(
  room: Room,
  release: string,
  { reason, type, object }: { reason: string; type: string; object: string },
): Promise<number> {
  const watch = await Watch.open(room.api, collection("v1", "events", REGISTRATION_NAMESPACE));
  const meant = (objects: Iterable<KubeObject>) =>
    [...objects]
      .map(one => event.parse(one))
      .filter(
        one =>
          one.reason === reason &&
          one.type === type &&
          one.involvedObject.name === release &&
          one.message.includes(object),
      );
  try {
    let told = 0;
    await watch.until(objects => {
      told = meant(objects.values()).reduce((sum, { count }) => sum + count, 0);
      return told > 0;
    }, `an Event ${reason} of ${object}`);
    return told;
  } finally {
    watch.close();
  }
}
