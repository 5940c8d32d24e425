import { gzipSync } from "node:zlib";
import { inParallel } from "../../hack/bench/seed";
import { collection, configMap } from "../../hack/lib/objects";
import { packed, recordPath, recordSecret } from "../../hack/locker/release-record";
import { NAMESPACE, type Room } from "./room";

/** A record that anyone who may write Secrets in a release's namespace can write. */
export interface Forgery {
  release: string;
  /** As the label and the name contain it, whether it is a number or not. @default "1" */
  revision?: string;
  /** The content of the Secret: base64 of a gzip, or any bytes. */
  payload: Buffer;
}

/** Stores a forged record that is "deployed" by its label. */
export async function forge(room: Room, { release, revision = "1", payload }: Forgery): Promise<void> {
  const secret = recordSecret({ release, revision, status: "deployed" }, payload);
  await room.api.create(collection("v1", "secrets", NAMESPACE), secret);
}

/**
 * Creates ConfigMaps with the labels of release records, and annotations of almost 256 KiB, which is what they may have.
 *
 * @param naming the release and the name of each, which is given one of its own
 */
export async function addForged(
  room: Room,
  count: number,
  naming: (own: string) => { release: string; name: string },
  namespace = NAMESPACE,
): Promise<void> {
  const bodies = Array.from({ length: count }, (_, number) => {
    const { release, name } = naming(`x${number}`);
    const labels = { owner: "helm", name: release, status: "deployed", version: "1" };
    return configMap(name, {}, { labels, annotations: { noise: noise(number, 250_000) } });
  });
  const path = collection("v1", "configmaps", namespace);
  await inParallel(bodies, body => room.api.create(path, body));
}

/** A text of so many bytes; in JSON, each character of every tenth is six. */
export function noise(number: number, length: number): string {
  return (number % 10 === 0 ? "<" : "x").repeat(length);
}

/** Deletes the forged record of a revision. */
export async function withdraw(room: Room, release: string, revision: number): Promise<void> {
  await room.api.delete(recordPath(release, revision));
}

/** The maximum size of a Secret's data, in bytes. */
const MAX_SECRET = 1024 * 1024;

/** A gzip that fills a Secret and expands to as many bytes as possible: about 800 MB. */
export function bomb(): Buffer {
  const part = gzipSync(Buffer.alloc(2 ** 24, "x"), { level: 9 });
  const parts = Math.floor((MAX_SECRET * 0.75 - 1024) / part.length);
  return packed(Buffer.concat(Array.from({ length: parts }, () => part)));
}
