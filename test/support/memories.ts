import { z } from "zod";
import { collection, type KubeObject } from "../../hack/lib/objects";
import { until } from "../../hack/lib/watch";
import { REGISTRATION_NAMESPACE } from "../../hack/locker/helm-release";
import type { Room } from "./room";

/** What the locker remembers of one object, in bytes: see docs/decisions/0009-what-is-remembered.md. */
const OBJECT = 33;

/** What it remembers of drift that was told of. */
const TOLD = 32;

const stored = z.looseObject({
  spec: z.looseObject({
    objects: z.string(),
    manager: z.string().optional(),
    told: z.string().optional(),
  }),
});

/** Path of what the locker remembers beside a HelmRelease. */
export function memoryPath(name: string): string {
  return `${collection("helm.cattle.io/v1alpha1", "helmreleasememories", REGISTRATION_NAMESPACE)}/${name}`;
}

/** Waits until the locker remembers so many objects beside a HelmRelease. */
export async function remembers(room: Room, name: string, objects: number): Promise<void> {
  await until(room.api, memoryPath(name), memory => objectsOf(memory) === objects);
}

/** The text in which a memory holds its objects. */
export function textOf(memory: KubeObject): string {
  return stored.parse(memory).spec.objects;
}

/** Of how many objects a memory says that their drift was told of. */
export function toldIn(memory: KubeObject | undefined): number {
  const text = memory && stored.parse(memory).spec.told;
  return Buffer.from(text ?? "", "base64").length / TOLD;
}

function objectsOf(memory: KubeObject | undefined): number | undefined {
  return memory && Buffer.from(textOf(memory), "base64").length / OBJECT;
}
