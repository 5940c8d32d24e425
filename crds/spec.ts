import * as z from "zod";

/** What a lock does about drift. */
export const modes = ["enabled", "warn", "disabled"] as const;

/** What becomes of what others add to an object. */
const additions = ["Remove", "Keep"] as const;

/** What is recorded of a change. */
const recordings = ["Fields", "Values", "None"] as const;

/** What the API server does about a change by hand before it happens. */
const admissionActions = ["Ignore", "Warn", "Deny"] as const;

/** Whose changes are judged. */
const admissionSubjects = ["Users", "All"] as const;

/**
 * A rule in CEL, which the API server checks. Older API servers, as that of Kubernetes 1.30, know fields named by CEL's reserved words only escaped:
 * `__namespace__`. Source: Kubernetes docs, "Validation rules", "Escaping".
 */
export const rule = (cel: string, message: string) => ({
  "x-kubernetes-validations": [{ rule: cel, message }],
});

/** Text that a person wrote into a spec: as long as a rule may be, for the API server bounds what its rules cost. */
const words = (max: number, description: string) => z.string().max(max).optional().describe(description);

const targetSchema = z
  .object({
    group: words(253, "API group of the objects; empty is the core group."),
    version: words(63, "API version of the objects, as in the manifest."),
    kind: words(63, "Kind of the objects."),
    name: words(512, "Regular expression (RE2) that the whole name has to match."),
    namespace: words(512, "Regular expression (RE2) that the whole namespace has to match."),
    labelSelector: words(
      1024,
      "Selector of labels in the manifest, as kubectl takes it: app=web,tier in (a, b).",
    ),
    annotationSelector: words(1024, "Selector of annotations in the manifest, written as a labelSelector."),
  })
  .optional()
  .describe("Which objects the rule is about: all where it is absent. All that is given has to hold.");

const ignoreSchema = z
  .object({
    paths: z
      .array(
        z
          .string()
          .max(1024)
          .regex(/^(\/.*)?$/),
      )
      .max(64)
      .optional()
      .describe(
        'Fields that are left as they are: JSON Pointers, in which [key=value] picks the list item with this key, and * any item or field. "" is the whole object, its deletion included.',
      ),
    target: targetSchema,
    managedFieldsManagers: z
      .array(z.string().min(1).max(128))
      .max(64)
      .optional()
      .describe(
        "Field managers whose fields are left as they are: with paths, only there; without paths, wherever they have written.",
      ),
  })
  .meta(
    rule(
      "(has(self.paths) && size(self.paths) > 0) || (has(self.managedFieldsManagers) && size(self.managedFieldsManagers) > 0)",
      "a rule needs paths or managedFieldsManagers",
    ),
  );

const driftDetectionSchema = z
  .object({
    mode: z
      .enum(modes)
      .optional()
      .describe("enabled (the default) reverts drift; warn only tells of it; disabled does not look for it."),
    ignore: z
      .array(ignoreSchema)
      .max(64)
      .optional()
      .describe("What is left as it is. Binds the lock, not Helm."),
    additions: z
      .enum(additions)
      .optional()
      .describe(
        "Remove (the default) takes away what others add; Keep lets it stand. An addition inside an atomic list or map is an edit, and goes all the same.",
      ),
    knownControllers: z
      .boolean()
      .optional()
      .describe(
        "Whether well-known controllers may write the fields that the catalogue gives them: true by default.",
      ),
    allowCreate: z
      .boolean()
      .optional()
      .describe(
        "Lets the locker create or adopt objects that it never saw live under the release, as the annotation helmreleases.cattle.io/allow-create does.",
      ),
    recordDiff: z
      .enum(recordings)
      .optional()
      .describe(
        "What the status says of a change and of drift: Fields (the default), Values of changes, which shows them to whoever may read HelmReleases (never a Secret's), or None, which still names objects and managers.",
      ),
  })
  .optional()
  .describe("What to do about objects that differ from the release.");

const deployerSchema = z
  .object({
    kind: z.enum(["User", "Group", "ServiceAccount"]).describe("What is named."),
    name: z.string().min(1).max(253).describe("Its name, as RBAC has it."),
    namespace: words(63, "Namespace of a ServiceAccount."),
  })
  .meta(
    rule(
      "(self.kind == 'ServiceAccount') == (has(self.__namespace__) && self.__namespace__ != '')",
      "a ServiceAccount needs a namespace, a User or Group has none",
    ),
  );

const admissionSchema = z
  .object({
    action: z
      .enum(admissionActions)
      .optional()
      .describe(
        "Ignore (the default) leaves all to the lock; Warn has the API server warn of a change by hand; Deny has it refused.",
      ),
    subjects: z
      .enum(admissionSubjects)
      .optional()
      .describe("Users (the default) judges people; All also ServiceAccounts outside kube-system."),
    deployers: z
      .array(deployerSchema)
      .min(1)
      .max(64)
      .optional()
      .describe(
        "Who runs Helm: nobody else may change or delete the objects, nor write the release's records. If absent, whoever may write the records.",
      ),
  })
  .optional()
  .describe("What the API server itself does about a change by hand, before it happens.");

/** What a HelmRelease says of how its release is locked. */
export const policySchema = z.object({
  suspend: z.boolean().optional().describe("Writes nothing and looks for no drift while it is true."),
  suspendUntil: z
    .string()
    .optional()
    .meta({ format: "date-time" })
    .describe("When the suspension ends by itself: RFC 3339."),
  suspendReason: words(256, "Why: shown in status and Event."),
  driftDetection: driftDetectionSchema,
  admission: admissionSchema,
  serviceAccountName: z
    .string()
    .max(253)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/)
    .optional()
    .describe("Name of a ServiceAccount in the release's namespace, which writes in the locker's place."),
});

// Every field of `release` may be absent or null: objects made for Rancher's helm-locker must stay valid.
const text = (description: string) => z.string().nullish().describe(description);

const releaseSchema = z
  .object({
    name: text("Name of the Helm release to lock."),
    namespace: text("Namespace of the Helm release, in which Helm keeps its records."),
  })
  .nullish()
  .describe("The Helm release whose objects are locked.");

/** The end of a suspension needs one. */
export const suspensionRule = rule(
  "!has(self.suspendUntil) || (has(self.suspend) && self.suspend)",
  "suspendUntil needs suspend: true",
);

export const specSchema = z
  .object({ release: releaseSchema, ...policySchema.shape })
  .meta(suspensionRule)
  .nullish()
  .describe("What to lock, and how.");

/** What a HelmRelease names, whatever else is in its spec. */
export const namedSchema = z.object({ release: releaseSchema }).nullish();

export type PolicySpec = z.infer<typeof policySchema>;
export type AdmissionSpec = NonNullable<PolicySpec["admission"]>;
export type IgnoreSpec = z.infer<typeof ignoreSchema>;
