import { z } from "zod";
import { collection, type KubeObject } from "../../hack/lib/objects";
import { until, Watch } from "../../hack/lib/watch";
import { helmReleasePath } from "../../hack/locker/helm-release";
import { inTime, STATUS } from "../../hack/locker/in-time";
import type { Room } from "./room";

const entry = z.object({
  time: z.string(),
  count: z.number(),
  object: z.string(),
  operation: z.string(),
  fields: z.array(z.string()),
  by: z.array(z.string()),
  action: z.string(),
  tookMs: z.number().optional(),
  values: z
    .array(z.object({ field: z.string(), chart: z.string().optional(), live: z.string().optional() }))
    .optional(),
});
const told = z.object({ history: z.array(entry).default([]), foreignOwners: z.number().optional() });

const event = z.object({
  type: z.string(),
  reason: z.string(),
  message: z.string(),
  count: z.number(),
  metadata: z.object({ namespace: z.string() }),
  involvedObject: z.object({ kind: z.string(), name: z.string(), uid: z.string() }),
});

/** What a HelmRelease says of a change. */
export type Entry = z.infer<typeof entry>;

/** An Event about an object. */
export type ToldEvent = z.infer<typeof event>;

type Told = z.infer<typeof told>;

function toldBy(object: KubeObject | undefined): Told {
  return told.parse(object?.status ?? {});
}

/** Waits for what a HelmRelease's status tells, as long as the locker promises to take. */
export async function untilTold(
  room: Room,
  name: string,
  predicate: (told: Told) => boolean,
  bound = STATUS,
): Promise<Told> {
  const path = helmReleasePath(name);
  const found = until(room.api, path, object => predicate(toldBy(object)));
  return toldBy(await inTime(room, path, found, bound));
}

/** Waits for a state of a HelmRelease's history. */
export async function untilHistory(
  room: Room,
  name: string,
  predicate: (history: Entry[]) => boolean,
  bound = STATUS,
): Promise<Entry[]> {
  return (await untilTold(room, name, ({ history }) => predicate(history), bound)).history;
}

/** Waits for an Event about an object. */
export async function isToldOn(
  room: Room,
  object: KubeObject,
  namespace: string,
  predicate: (event: ToldEvent) => boolean = () => true,
): Promise<ToldEvent> {
  const isIt = (found: ToldEvent): boolean =>
    found.involvedObject.uid === object.metadata.uid && predicate(found);
  const watch = await Watch.open(room.api, collection("v1", "events", namespace));
  let told: ToldEvent | undefined;
  try {
    const seen = watch.until(events => {
      told = [...events.values()].map(found => event.parse(found)).find(isIt);
      return told !== undefined;
    }, `an Event on ${object.metadata.name}`);
    await inTime(room, helmReleasePath("web"), seen, STATUS);
    return event.parse(told);
  } finally {
    watch.close();
  }
}
