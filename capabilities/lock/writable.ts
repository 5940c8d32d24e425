import type { Access } from "../cluster/access";
import { collectionPath, refOf, type Resource } from "../cluster/resources";
import { unwritableWords } from "../report/words";
import type { Tracked } from "./store";

/**
 * Finds out which objects can't be put right for want of rights. The right to grant rights is not asked for: it depends on what
 * is granted.
 *
 * @returns why, by the path of their collection
 * @throws ApiError, NetworkError
 */
export async function unwritable(
  access: Access,
  objects: Iterable<Pick<Tracked, "resource" | "desired">>,
): Promise<Map<string, string>> {
  const problems = new Map<string, string>();
  for (const [collection, { resource, namespaces }] of byCollection(objects)) {
    const denied: (string | undefined)[] = [];
    for (const namespace of namespaces)
      if (!(await access.mayWrite(resource, namespace))) denied.push(namespace);
    if (denied.length > 0) problems.set(collection, unwritableWords(resource, denied));
  }
  return problems;
}

function byCollection(objects: Iterable<Pick<Tracked, "resource" | "desired">>) {
  const found = new Map<string, { resource: Resource; namespaces: Set<string | undefined> }>();
  for (const { resource, desired } of objects) {
    const collection = collectionPath(resource);
    const { namespace } = refOf(desired);
    const known = found.get(collection);
    if (known) known.namespaces.add(namespace);
    else found.set(collection, { resource, namespaces: new Set([namespace]) });
  }
  return found;
}
