import { definitionOf } from "./definition";
import { helmReleaseKind } from "./helm-release";

const { group, version } = helmReleaseKind;

/** The API's names for what the API server is told of locked releases. */
export const releaseLockKind = { group, version, kind: "ReleaseLock", plural: "releaselocks" } as const;

const text = { type: "string" };
const texts = { type: "array", items: text };

/** One release, as the API server judges changes of it. */
export interface ReleaseRule {
  readonly subjects: "Users" | "All";
  readonly deployers?: { readonly users: readonly string[]; readonly groups: readonly string[] };
  /** What its records are. */
  readonly records: "secrets" | "configmaps";
  /** Its tracked objects, as "resource.group/name", and which of their fields anybody may change: "spec.replicas". */
  readonly objects: Readonly<Record<string, readonly string[]>>;
}

/** What the API server is told of the releases that have objects, or records, in one namespace. */
export interface ReleaseLockSpec {
  /** The user that the locker is, who is refused nothing. */
  readonly locker: string;
  /** By "namespace/name". */
  readonly releases: Readonly<Record<string, ReleaseRule>>;
}

/**
 * The CRD of ReleaseLock, the parameter of the policies in admission.ts. It is a kind of its own: for a built-in one, each API server would
 * hold all objects of that kind. All releases of a namespace are in one object, whose cost does not grow with them.
 */
export const releaseLockCrd = definitionOf(releaseLockKind, {
  description:
    "What the API server is told of the locked releases of a namespace by the Helm locker, which writes it. Not to be written by hand.",
  type: "object",
  required: ["spec"],
  properties: {
    spec: {
      type: "object",
      required: ["locker", "releases"],
      properties: {
        locker: text,
        releases: {
          type: "object",
          // Otherwise, managedFields would name each key once more.
          "x-kubernetes-map-type": "atomic",
          additionalProperties: {
            type: "object",
            required: ["subjects", "records", "objects"],
            properties: {
              subjects: text,
              deployers: { type: "object", properties: { users: texts, groups: texts } },
              records: text,
              objects: { type: "object", additionalProperties: texts },
            },
          },
        },
      },
    },
  },
});
