import { readFile } from "node:fs/promises";
import { z } from "zod";

/** Writes with their bodies, reads without; see https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/ */
export const AUDIT_POLICY = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [
    { level: "RequestResponse", verbs: ["create", "update", "patch", "delete", "deletecollection"] },
    { level: "Metadata" },
  ],
};

const auditEvent = z.object({
  auditID: z.string(),
  stage: z.enum(["ResponseStarted", "ResponseComplete", "Panic"]),
  verb: z.string(),
  requestURI: z.string(),
  /** Empty if the API server could not tell whose request it is. */
  user: z.object({ username: z.string().default("") }),
  /** As whom it was sent, if not as that user. */
  impersonatedUser: z.object({ username: z.string(), groups: z.array(z.string()).default([]) }).optional(),
  userAgent: z.string().optional(),
  objectRef: z
    .object({
      resource: z.string(),
      namespace: z.string().optional(),
      name: z.string().optional(),
      apiGroup: z.string().optional(),
      apiVersion: z.string().optional(),
      subresource: z.string().optional(),
    })
    .optional(),
  responseStatus: z.object({ code: z.number() }).optional(),
  requestObject: z.unknown().optional(),
  responseObject: z.unknown().optional(),
  requestReceivedTimestamp: z.string(),
  stageTimestamp: z.string(),
});

/**
 * One request that the API server answered. The timestamps are RFC 3339 in UTC with microseconds, so they compare as
 * strings. Only writes have objects; a patch's request object is the patch.
 */
export type AuditEvent = z.infer<typeof auditEvent>;

/** Reads an audit log so far, in the order in which requests were answered; leaves out a line that is still being written. */
export async function readAuditLog(path: string): Promise<AuditEvent[]> {
  // A text has less than 512 MB.
  const bytes = await readFile(path);
  const events: AuditEvent[] = [];
  for (let from = 0, to = bytes.indexOf("\n"); to >= 0; from = to + 1, to = bytes.indexOf("\n", from))
    events.push(auditEvent.parse(JSON.parse(bytes.toString("utf8", from, to))));
  return events;
}
