import { randomBytes } from "node:crypto";
import { collection, configMap, type Body } from "../lib/objects";
import { register, helmRelease } from "../locker/helm-release";
import { payloadOf, recordSecret } from "../locker/release-record";
import { NAMESPACE, type Testbed } from "../locker/testbed";

/** Concurrent requests while a benchmark is set up or writes its storms. */
const CONNECTIONS = 10;

const CONFIG_MAPS = collection("v1", "configmaps", NAMESPACE);
const SECRETS = collection("v1", "secrets", NAMESPACE);

/** Releases to create. */
export interface Size {
  releases: number;
  /** ConfigMaps of each release. */
  objects: number;
  /** Revisions that each release has a record of. @default 1 */
  revisions?: number;
  /** Bytes of chart content in each record. @default 0 */
  payload?: number;
  /** How their names begin. @default "app" */
  prefix?: string;
}

/** A release with the names of its ConfigMaps, each `{color: "blue"}`. */
export interface Seeded {
  readonly release: string;
  readonly objects: readonly string[];
}

/** Writes releases as Helm would leave them, many times faster than Helm: objects first, then their records. */
export async function seed(testbed: Testbed, size: Size): Promise<Seeded[]> {
  const { releases, objects, revisions = 1, payload = 0, prefix = "app" } = size;
  const seeded = Array.from({ length: releases }, (_, index) => {
    const release = `${prefix}-${index}`;
    return { release, objects: Array.from({ length: objects }, (_, number) => `${release}-${number}`) };
  });
  const bodies = seeded.flatMap(({ release, objects }) => objects.map(name => owned(release, name)));
  await inParallel(bodies, body => testbed.api.send("POST", `${CONFIG_MAPS}?fieldManager=helm`, body));
  const records = seeded.flatMap(one =>
    Array.from({ length: revisions }, (_, index) => () => record(one, index + 1, { revisions, payload })),
  );
  await inParallel(records, make => testbed.api.send("POST", SECRETS, make()));
  return seeded;
}

/** Creates a HelmRelease for each release. */
export async function lockAll(
  testbed: Testbed,
  seeded: readonly Seeded[],
  metadata: Body = {},
): Promise<void> {
  await inParallel(seeded, ({ release }) => register(testbed, helmRelease(release, { metadata })));
}

/** Creates ConfigMaps that no release tracks. @returns their names */
export async function addForeign(testbed: Testbed, count: number, bytes: number): Promise<string[]> {
  const names = Array.from({ length: count }, (_, index) => `foreign-${index}`);
  await inParallel(names, name =>
    testbed.api.send("POST", CONFIG_MAPS, { metadata: { name }, data: { text: filler(bytes) } }),
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
  return configMap(name, { color: "blue" }, { labels, annotations });
}

function record(
  { release, objects }: Seeded,
  revision: number,
  { revisions, payload }: { revisions: number; payload: number },
): Body {
  const status = revision === revisions ? "deployed" : "superseded";
  const manifest = objects
    .map(name => `---\n${JSON.stringify(configMap(name, { color: "blue" }))}\n`)
    .join("");
  const more = `"chart":{"filler":"${filler(payload)}"}`;
  const labels = { release, revision: String(revision), status };
  return recordSecret(labels, payloadOf(release, revision, manifest, more));
}

/** Text of so many bytes that does not compress. */
function filler(bytes: number): string {
  return randomBytes(Math.ceil(bytes * 0.75))
    .toString("base64")
    .slice(0, bytes);
}
