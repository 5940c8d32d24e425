import { ForbiddenError } from "../../capabilities/cluster/errors";
import { locksIn, type Locks } from "../access/locks";
import type { Target } from "../access/targets";
import { causeWords } from "../output/error-words";
import type { Call } from "../verb";

/** The locks of a cluster; undefined without a right to see them, or where they are not to count. */
export async function readLocks(
  call: Call,
  { cluster }: Target,
  warn: (text: string) => void,
): Promise<Locks | undefined> {
  if (!call.flags.policy) return undefined;
  try {
    return await locksIn(cluster, call.flags.registrationNamespace);
  } catch (error) {
    if (!(error instanceof ForbiddenError)) throw error;
    warn(`what HelmReleases ignore is not known: ${causeWords(error)}`);
    return undefined;
  }
}
