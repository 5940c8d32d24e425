import { userOf, type Account } from "../kube/account";

/** One request to the API server. */
export interface KubeRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Path with query, for example "/api/v1/namespaces/a/configmaps/b?dryRun=All". */
  readonly path: string;
  readonly body?: unknown;
  /** Type of the body; plain JSON if absent. */
  readonly contentType?: string;
  /** Asks for metadata only, of one object (also of each object in a watch) or of a list. */
  readonly metadataOf?: "object" | "list" | undefined;
  /** Whose rights count; the locker's own if absent. */
  readonly as?: Account | undefined;
  /** performance.now() after which the request must not leave. */
  readonly notAfter?: number | undefined;
  /**
   * Milliseconds in which the answer is over, if the API server can still be reached. If it is not, every connection is
   * given up: one whose packets get lost falls silent, and nothing else.
   */
  readonly pulse?: number | undefined;
}

/** Source: Kubernetes API concepts, "Alternate representations of resources". */
const ACCEPT = {
  whole: "application/json",
  object: "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=1,application/json",
  list: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=1,application/json",
};

/**
 * The headers of a request that say what is sent, what may be answered, and who asks: a ServiceAccount's groups are the API server's to
 * add, as long as none is named. Source: apiserver pkg/endpoints/filters/impersonation.
 */
export function headersFor({ body, contentType = "application/json", metadataOf, as }: KubeRequest) {
  return {
    accept: ACCEPT[metadataOf ?? "whole"],
    ...(body === undefined ? {} : { "content-type": contentType }),
    ...(as === undefined ? {} : { "impersonate-user": userOf(as) }),
  };
}

/** A request, as an error names it at its end. */
export function requestWords({ method, path }: KubeRequest): string {
  return ` (${method} ${path.split("?")[0] ?? ""})`;
}
