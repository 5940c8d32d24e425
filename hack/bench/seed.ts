import { randomBytes } from "node:crypto";
import { register, helmRelease } from "../locker/helm-release";
import { recordOf } from "../../test/support/forged";
import { collection, type Body } from "../lib/objects";
import { NAMESPACE, type Room } from "../../test/support/room";

/** Requests at the same time while a benchmark is set up, or writes its storms. */
export const CONNECTIONS = 10;

const CONFIG_MAPS = collection("v1", "configmaps", NAMESPACE);
const SECRETS = collection("v1", "secrets", NAMESPACE);

/** Releases to be made. */
export interface Size {
  releases: number;
  /** ConfigMaps of each release. */
  objects: number;
  /** Revisions that each release has a record of. @default 1 */
  revisions?: number;
  /** Bytes of each record that are a chart's. @default 0 */
  payload?: number;
  /** How their names begin. @default "app" */
  prefix?: string;
}

/** A release with the names of its ConfigMaps, each `{color: "blue"}`. */
export interface Seeded {
  readonly release: string;
  readonly objects: readonly string[];
}

/** Writes releases as Helm would leave them, many times faster than it: objects first, then their records. */
export async function seed(room: Room, size: Size): Promise<Seeded[]> {
  const { releases, objects, revisions = 1, payload = 0, prefix = "app" } = size;
  const seeded = Array.from({ length: releases }, (_, index) => {
    const release = `${prefix}-${index}`;
    return { release, objects: Array.from({ length: objects }, (_, number) => `${release}-${number}`) };
  });
  const bodies = seeded.flatMap(({ release, objects }) => objects.map(name => owned(release, name)));
  await inParallel(bodies, body => room.api.send("POST", `${CONFIG_MAPS}?fieldManager=helm`, body));
  const records = seeded.flatMap(one =>
    Array.from({ length: revisions }, (_, index) => () => record(one, index + 1, { revisions, payload })),
  );
  await inParallel(records, make => room.api.send("POST", SECRETS, make()));
  return seeded;
}

/** Creates a HelmRelease for each release. */
export async function lockAll(room: Room, seeded: readonly Seeded[], metadata: Body = {}): Promise<void> {
  await inParallel(seeded, ({ release }) => register(room, helmRelease(release, { metadata })));
}

/** Creates ConfigMaps that no release tracks. @returns their names */
export async function addForeign(room: Room, count: number, bytes: number): Promise<string[]> {
  const names = Array.from({ length: count }, (_, index) => `foreign-${index}`);
  await inParallel(names, name =>
    room.api.send("POST", CONFIG_MAPS, { metadata: { name }, data: { text: filler(bytes) } }),
  );
  return names;
}

/** Does something with each of many things, over as many connections as benchmarks use. */
export async function inParallel<T>(
  things: readonly T[],
  work: (thing: T) => Promise<unknown>,
): Promise<void> {
  const left = things.values();
  const worker = async (): Promise<void> => {
    for (const thing of left) await work(thing);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
}

function owned(release: string, name: string): Body {
  const labels = { "app.kubernetes.io/managed-by": "Helm" };
  const annotations = {
    "meta.helm.sh/release-name": release,
    "meta.helm.sh/release-namespace": NAMESPACE,
  };
  return { ...manifestOf(name), metadata: { name, labels, annotations } };
}

function manifestOf(name: string): Body {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { color: "blue" } };
}

function record(
  { release, objects }: Seeded,
  revision: number,
  { revisions, payload }: { revisions: number; payload: number },
): Body {
  const version = String(revision);
  const status = revision === revisions ? "deployed" : "superseded";
  const manifest = objects.map(name => `---\n${JSON.stringify(manifestOf(name))}\n`).join("");
  const more = `"chart":{"filler":"${filler(payload)}"}`;
  return {
    metadata: {
      name: `sh.helm.release.v1.${release}.v${version}`,
      labels: { name: release, owner: "helm", status, version },
    },
    type: "helm.sh/release.v1",
    data: { release: recordOf(release, revision, manifest, more).toString("base64") },
  };
}

/** Text of so many bytes that does not compress. */
function filler(bytes: number): string {
  return randomBytes(Math.ceil(bytes * 0.75))
    .toString("base64")
    .slice(0, bytes);
}
