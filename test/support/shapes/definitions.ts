import type { Body } from "../../../hack/lib/objects";
import { definition, version } from "../definitions";

const text = { type: "string" };
const labels = { type: "object", additionalProperties: text };

/** The CRD of a kind, with a schema for its spec, and for its status unless that is false. */
export function kind(group: string, name: string, spec: Body, { status = true, served = "v1" } = {}): Body {
  const properties = { apiVersion: text, kind: text, metadata: { type: "object" }, spec };
  const schema = { openAPIV3Schema: { type: "object", properties } };
  return definition(group, name, [
    version(served, { schema, ...(status ? { subresources: { status: {} } } : {}) }),
  ]);
}

/** Anything goes in the spec. */
export const free: Body = { type: "object", "x-kubernetes-preserve-unknown-fields": true };

/** Lists without a list type, int-or-string, defaults and atomic selectors, as generators write them. */
export const monitored: Body = {
  type: "object",
  required: ["endpoints"],
  properties: {
    endpoints: {
      type: "array",
      items: {
        type: "object",
        properties: {
          port: text,
          targetPort: { anyOf: [{ type: "integer" }, text], "x-kubernetes-int-or-string": true },
          interval: { type: "string", pattern: "^[0-9]+s$" },
          scheme: { type: "string", enum: ["http", "https"], default: "http" },
          honorLabels: { type: "boolean", default: false },
        },
      },
    },
    selector: { type: "object", properties: { matchLabels: labels }, "x-kubernetes-map-type": "atomic" },
    replicas: { type: "integer", format: "int32", default: 1 },
    limits: {
      type: "object",
      additionalProperties: {
        anyOf: [{ type: "integer" }, text],
        "x-kubernetes-int-or-string": true,
        pattern: "^[0-9.]+[a-zA-Z]*$",
      },
    },
    timeout: { type: "integer", nullable: true, default: 30 },
  },
};

/** Lists with keys and sets, a default in every item, and an embedded object. */
export const keyed: Body = {
  type: "object",
  properties: {
    listeners: {
      type: "array",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
      items: {
        type: "object",
        required: ["name"],
        properties: {
          name: text,
          port: { type: "integer" },
          protocol: { type: "string", default: "HTTP" },
        },
      },
    },
    addresses: { type: "array", "x-kubernetes-list-type": "set", items: text },
    template: {
      type: "object",
      "x-kubernetes-embedded-resource": true,
      "x-kubernetes-preserve-unknown-fields": true,
    },
    weight: { type: "number", default: 0.5 },
  },
};
