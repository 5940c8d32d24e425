import * as z from "zod";
import { historySchema } from "./history";

/** The API's names for a HelmRelease. */
export const helmReleaseKind = {
  group: "helm.cattle.io",
  version: "v1alpha1",
  kind: "HelmRelease",
  plural: "helmreleases",
} as const;

/** The values of status.state. */
export const state = {
  secretNotFound: "SecretNotFound",
  unknown: "Unknown",
  deployed: "Deployed",
  uninstalled: "Uninstalled",
  error: "Error",
  failed: "Failed",
  transitioning: "Transitioning",
} as const;

export type State = (typeof state)[keyof typeof state];

// Every field may be absent or null: objects made for Rancher's helm-locker must stay valid.
const text = (description: string) => z.string().nullish().describe(description);
const integer = (description: string) => z.number().nullish().meta({ type: "integer", description });

export const conditionSchema = z.object({
  type: text("What the condition is about, such as Ready or Locked."),
  status: text("True, False or Unknown."),
  reason: text("Why the condition has this status, in one word for programs."),
  message: text("Why the condition has this status, for people."),
  lastUpdateTime: text("When the condition was last written. Kept for objects of earlier controllers."),
  lastTransitionTime: text("When the status of the condition last changed."),
  observedGeneration: integer("The metadata.generation that the condition was set for."),
});

const objectsSchema = z.object({
  tracked: integer("How many objects the release has, as far as they can be tracked."),
  drifted: integer("How many of them differ from what the release wants, and stand so."),
  ignored: integer("How many of them have fields that are left as they are."),
  blocked: integer("How many of them can't be put right."),
});

const driftSchema = z.object({
  object: text("Kind, namespace and name of the object."),
  fields: z
    .array(z.string())
    .nullish()
    .describe(
      "Where it differs, as JSON Pointers, at most 10: none where it is missing, or with recordDiff None. Never a value.",
    ),
  by: z.array(z.string()).nullish().describe("Field managers that have written there."),
  since: text("When that was seen first."),
  why: text("Why it stands."),
});

export const statusSchema = z
  .object({
    state: text(`State of the release: one of ${Object.values(state).join(", ")}.`),
    mode: text("What the lock does about drift: enabled, warn, disabled or suspended."),
    version: integer("Newest revision of the release."),
    description: text("What Helm says of the newest revision."),
    notes: text("The notes of the release's chart."),
    ignored: integer(
      "How many fields are left as they are because a well-known controller may write them, or because spec.driftDetection or a manifest says so; an object that is left as a whole counts as one.",
    ),
    objects: objectsSchema.nullish().describe("The objects of the release, counted."),
    drift: z
      .array(driftSchema)
      .nullish()
      .describe("What differs now and stands, at most 20 objects; objects.drifted counts all."),
    foreignOwners: integer(
      "How many fields of the manifest somebody but Helm owns: a helm upgrade with Helm 4 that changes one of them conflicts.",
    ),
    history: historySchema,
    conditions: z
      .array(conditionSchema)
      .nullish()
      .describe("Whether the release is locked, and what stands against it."),
    observedGeneration: integer("The metadata.generation that this status describes."),
  })
  .nullish()
  .describe("What was found of the release and its objects.");

/** What is read of the metadata of what people write for the locker. */
export const metadataSchema = z.object({
  name: z.string(),
  namespace: z.string(),
  uid: z.string().optional(),
  resourceVersion: z.string().optional(),
  generation: z.number().optional(),
  creationTimestamp: z.string().nullish(),
  deletionTimestamp: z.string().optional(),
  finalizers: z.array(z.string()).optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});

/** A HelmRelease as the API server returns it. Accepts everything that the CRD accepts; unknown fields of metadata and status are dropped. What the spec asks for is read by state/claim. */
export const helmReleaseSchema = z.object({
  apiVersion: z.string().optional(),
  kind: z.string().optional(),
  metadata: metadataSchema,
  spec: z.unknown().optional(),
  status: statusSchema,
});

export type HelmRelease = z.infer<typeof helmReleaseSchema>;
export type HelmReleaseStatus = NonNullable<HelmRelease["status"]>;
export type Condition = z.infer<typeof conditionSchema>;
