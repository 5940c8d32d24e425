import * as z from "zod";
import { kindOf } from "../kube/kinds";
import { LOCK_MARK, type CandidateNamespace } from "../policy/locker-policy";
import { KnownObjects } from "./known-objects";

/** The kind of Namespaces. */
export const NAMESPACES = kindOf({
  apiVersion: "v1",
  kind: "Namespace",
  plural: "namespaces",
  namespaced: false,
});

const texts = z.record(z.string(), z.string()).optional();

/** What is read of a Namespace: of its annotations, the one that counts. */
export const namespaceSchema = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.undefined().optional(),
    uid: z.string().optional(),
    resourceVersion: z.string().optional(),
    labels: texts,
    annotations: z.object({ [LOCK_MARK]: z.string().optional() }).optional(),
  }),
});

export type Namespace = z.infer<typeof namespaceSchema>;

/** The namespaces of the cluster, followed while a policy needs them. */
export class Namespaces extends KnownObjects<Namespace> {
  /** What policies may ask of a namespace. */
  candidate(name: string): CandidateNamespace {
    const { labels = {}, annotations } = this.get(name)?.metadata ?? {};
    return { labels, optsOut: annotations?.[LOCK_MARK] === "false" };
  }
}
