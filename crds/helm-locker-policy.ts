import * as z from "zod";
import { column, define } from "./definition";
import { conditionSchema, helmReleaseKind, metadataSchema } from "./helm-release";
import { modes, policySchema, rule, suspensionRule } from "./spec";

/** The API's names for a HelmLockerPolicy. */
export const lockerPolicyKind = {
  group: helmReleaseKind.group,
  version: helmReleaseKind.version,
  kind: "HelmLockerPolicy",
  plural: "helmlockerpolicies",
} as const;

/** What a label selector may ask of a key. */
const operators = ["In", "NotIn", "Exists", "DoesNotExist"] as const;

const LABEL_KEY = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;

const pattern = (description: string) =>
  z
    .string()
    .max(63)
    .regex(/^[-a-z0-9.*]+$/)
    .describe(description);

const labelValue = z.string().max(63).regex(LABEL_VALUE);

const requirementSchema = z
  .object({
    key: z.string().max(317).regex(LABEL_KEY).describe("Key of the label."),
    operator: z.enum(operators).describe("What is asked of it."),
    values: z.array(labelValue).max(64).optional().describe("The values of In and NotIn."),
  })
  .meta(
    rule(
      "(self.operator in ['In', 'NotIn']) == (has(self.values) && size(self.values) > 0)",
      "In and NotIn need values; Exists and DoesNotExist have none",
    ),
  );

const labelSelector = (description: string) =>
  z
    .object({
      matchLabels: z
        .record(z.string(), labelValue)
        .optional()
        .meta({ maxProperties: 16, description: "Labels with these values." }),
      matchExpressions: z.array(requirementSchema).max(16).optional().describe("What else holds of labels."),
    })
    .optional()
    .describe(description);

const exclusionSchema = z
  .object({
    namespace: pattern("Namespace of the release; * is any text.").optional(),
    name: pattern("Name of the release; * is any text.").optional(),
  })
  .meta(rule("has(self.__namespace__) || has(self.name)", "name a namespace, or a release, or both"));

const releasesSchema = z
  .object({
    namespaceSelector: labelSelector("Labels of the release's namespace: any where it is absent."),
    selector: labelSelector(
      "Labels of the release, as helm upgrade --labels sets them: any where it is absent. Helm's own, such as status, do not count.",
    ),
    names: z
      .array(pattern("Name of the release; * is any text."))
      .min(1)
      .max(64)
      .optional()
      .describe(
        "Names of releases; any where it is absent. Releases that Flux, Argo CD or Fleet manage, and the locker's own, match only a name without *.",
      ),
    exclude: z.array(exclusionSchema).max(64).optional().describe("Releases that do not match."),
  })
  .describe("Which releases are locked: all that is given has to hold.");

const driftDetectionSchema = policySchema.shape.driftDetection.unwrap();

const templateSchema = z
  .object({
    ...policySchema.shape,
    driftDetection: driftDetectionSchema
      .extend({
        mode: z
          .enum(modes)
          .describe(
            "Has to be said. enabled reverts drift; warn only tells of it; disabled does not look for it.",
          ),
      })
      .meta(rule("!has(self.allowCreate)", "a policy can't allow creates: set allowCreate on a HelmRelease"))
      .describe("What to do about objects that differ from the release."),
    serviceAccountName: policySchema.shape.serviceAccountName.describe(
      "Name of a ServiceAccount in each release's namespace, which writes in the locker's place. Without it, nothing is created that was never seen live.",
    ),
  })
  .meta(suspensionRule)
  .describe("The spec of the HelmReleases that are made, without their release.");

const specSchema = z
  .object({
    priority: z
      .number()
      .int()
      .min(-1_000_000)
      .max(1_000_000)
      .optional()
      .describe(
        "Of two policies that match a release, the higher priority holds, then the first name: 0 by default.",
      ),
    releases: releasesSchema,
    allowOptOut: z
      .boolean()
      .optional()
      .describe(
        'Whether "false" in a release label or namespace annotation helmreleases.cattle.io/lock keeps a release from being matched: false by default.',
      ),
    template: templateSchema,
  })
  .describe("Which releases are locked, and how.");

const integer = (description: string) => z.number().nullish().meta({ type: "integer", description });

const statusSchema = z
  .object({
    matched: integer("How many releases the policy matches, and no other policy before it."),
    locked: integer("How many of them are locked by a HelmRelease that the policy made."),
    differed: integer("How many objects differed when their releases were first locked by this policy."),
    conditions: z.array(conditionSchema).nullish().describe("Whether the policy is followed."),
    observedGeneration: integer("The metadata.generation that this status describes."),
  })
  .nullish()
  .describe("What follows from the policy.");

/** A HelmLockerPolicy as the API server returns it: its spec is read by itself, as any part of it may be wrong. */
export const lockerPolicySchema = z.object({
  metadata: metadataSchema,
  spec: z.unknown().optional(),
  status: statusSchema,
});

/** What a HelmLockerPolicy asks for. */
export const lockerPolicySpecSchema = specSchema;

export type LockerPolicyObject = z.infer<typeof lockerPolicySchema>;
export type LockerPolicySpec = z.infer<typeof specSchema>;
export type LockerPolicyStatus = NonNullable<LockerPolicyObject["status"]>;
export type LabelSelectorSpec = NonNullable<LockerPolicySpec["releases"]["selector"]>;

/** The CRD of HelmLockerPolicy. */
export const lockerPolicyCrd = define({
  ...lockerPolicyKind,
  shortNames: ["hlp"],
  columns: [
    column("Priority", ".spec.priority", "integer"),
    column("Mode", ".spec.template.driftDetection.mode"),
    column("Matched", ".status.matched", "integer"),
    column("Locked", ".status.locked", "integer"),
    column("Differed", ".status.differed", "integer", 1),
    column("Ready", '.status.conditions[?(@.type=="Ready")].status'),
    column("Age", ".metadata.creationTimestamp", "date"),
  ],
  description:
    "Locks Helm releases by a rule: for each release that matches, the locker makes a HelmRelease.",
  spec: specSchema,
  status: statusSchema,
  required: ["spec"],
  // The name is the value of a label.
  ...rule("size(self.metadata.name) <= 63", "the name of a policy has at most 63 characters"),
});
