import { isRefusal } from "../../capabilities/cluster/errors";
import type { Cluster } from "../../capabilities/cluster/k8s";
import { isOurs } from "../../capabilities/drift/reasons";
import { releaseKey } from "../../capabilities/release/release";
import type { Memory } from "../../capabilities/state/memory";
import { MEMORIES, unpackMemory } from "../../capabilities/state/packed-memory";
import type { Held, Ruling } from "../access/locks";
import { becauseOf } from "./explanation";
import type { Finding } from "./finding";

/** What the operator remembers of a release that it locks. */
interface Recollection {
  readonly memories: readonly Memory[];
  /** Why some of it may not be read; undefined if all was. */
  readonly denied: unknown;
}

/**
 * Reads what the operator remembers of a release.
 *
 * @param ruling what locks it; where nothing does, nothing is remembered
 * @throws ApiError with a status of 500 and over, NetworkError
 */
export async function recollect(cluster: Cluster, ruling: Ruling | undefined): Promise<Recollection> {
  const memories: Memory[] = [];
  let denied: unknown;
  const all = ruling ? [ruling.governor, ...ruling.others] : [];
  for (const held of all.filter(({ isInEffect }) => isInEffect))
    try {
      const memory = await storedBeside(cluster, held);
      if (memory) memories.push(memory);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      denied = error;
    }
  return { memories, denied };
}

async function storedBeside(cluster: Cluster, { helmRelease, release }: Held): Promise<Memory | undefined> {
  const { name, namespace, uid = "" } = helmRelease.metadata;
  const stored = await cluster.K8s(MEMORIES).InNamespace(namespace).Get(name);
  return unpackMemory(stored, { release: releaseKey(release), helmRelease: uid });
}

/** Whether what a lock remembers may decide what it does about an object: whether that was the release's before, or had run to its end. */
export function restsOnMemory({ operation }: Pick<Finding, "operation">): boolean {
  const because = becauseOf(operation);
  return operation.do === "create" || !(isOurs(because) || because?.is === "ignored");
}
