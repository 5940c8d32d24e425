import { GenericKind, K8s } from "kubernetes-fluent-client";
import * as z from "zod";
import type { Kind } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import { ApiError, apiError, NetworkError } from "./errors";
import type { Cluster } from "./k8s";

/** What the fluent client throws: a response, even if the server sent none. */
const response = z.object({
  status: z.number(),
  statusText: z.string(),
  data: z
    .object({ reason: z.string().catch(""), message: z.string() })
    .optional()
    .catch(undefined),
  e: z.unknown().optional(),
});

/**
 * Creates one of the few cluster-scoped objects that a locker needs, with Pepr's fluent client. That client opens one
 * connection per call, which stays open for 90 s, so the locker looks for existing objects without it.
 *
 * @param isOutdated whether the existing object, of which only metadata is read, has to be replaced; by default it
 * stays
 * @throws ApiError, NetworkError
 */
export async function bring(
  cluster: Cluster,
  kind: Kind,
  object: GenericKind & { metadata: { name: string } },
  isOutdated: (served: KubeObject) => boolean = () => false,
): Promise<void> {
  const served = await cluster.K8s(kind).MetadataOnly().Get(object.metadata.name);
  if (served && !isOutdated(served)) return;
  try {
    // The fluent client fills in the object that it sends, so it gets a copy.
    await K8s(GenericKind, { kindOverride: kind }).Apply(structuredClone(object), { force: true });
  } catch (error) {
    throw errorOf(error);
  }
}

function errorOf(error: unknown): ApiError | NetworkError {
  const { data: reply } = response.safeParse(error);
  if (!reply || reply.e !== undefined)
    return new NetworkError(`no answer: ${reply?.statusText ?? String(error)}`, { cause: error });
  const { reason = "", message = reply.statusText } = reply.data ?? {};
  return apiError(reply.status, { reason, message, retryAfterSeconds: 1 });
}
