import type { Room } from "../room";
import { define, definition, version } from "../definitions";
import type { Schema } from "./schema";
import { namespaced, type Subject } from "./subject";

const GROUP = "tools.example.com";

const text = { type: "string" };
const number = { type: "integer" };
const port = {
  type: "object",
  required: ["port"],
  properties: { port: number, protocol: { type: "string", default: "TCP" }, name: text, weight: number },
};
const step = {
  type: "object",
  properties: {
    name: text,
    timeout: { type: "integer", default: 30 },
    args: { type: "array", items: text },
    retry: { type: "object", default: { limit: 3 }, properties: { limit: number, delay: text } },
    open: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  },
};

/** Every shape that a custom resource can have: list types, map types, and what changes how a field is read. */
const spec = {
  type: "object",
  properties: {
    text,
    number,
    flag: { type: "boolean", default: false },
    either: { "x-kubernetes-int-or-string": true },
    nullable: { ...text, nullable: true },
    nullableDefault: { ...number, nullable: true, default: 30 },
    mode: { ...text, enum: ["fast", "slow"], default: "slow" },
    list: { type: "array", items: step },
    texts: { type: "array", items: text },
    atomic: { type: "array", items: step, "x-kubernetes-list-type": "atomic" },
    set: { type: "array", items: text, "x-kubernetes-list-type": "set" },
    keyed: {
      type: "array",
      items: { ...step, required: ["name"] },
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
    },
    twoKeyed: {
      type: "array",
      items: port,
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["port", "protocol"],
    },
    map: { type: "object", additionalProperties: text },
    mapOfMaps: { type: "object", additionalProperties: step },
    atomicMap: { type: "object", additionalProperties: text, "x-kubernetes-map-type": "atomic" },
    atomicStruct: { ...step, "x-kubernetes-map-type": "atomic" },
    struct: step,
    open: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
    halfOpen: { ...step, "x-kubernetes-preserve-unknown-fields": true },
    metric: {
      type: "object",
      default: { enabled: true },
      required: ["enabled"],
      properties: { enabled: { type: "boolean" }, path: text },
    },
    embedded: {
      type: "object",
      "x-kubernetes-embedded-resource": true,
      "x-kubernetes-preserve-unknown-fields": true,
    },
    templates: {
      type: "array",
      items: {
        type: "object",
        "x-kubernetes-embedded-resource": true,
        "x-kubernetes-preserve-unknown-fields": true,
      },
    },
  },
} satisfies Schema;

const openAPIV3Schema = {
  type: "object",
  properties: { spec, status: { type: "object", properties: { phase: text } } },
};

/** Kinds with and without a status subresource, each in two versions. */
export const widgets: readonly Subject[] = ["Widget", "Gadget"].map(kind => ({
  ...namespaced(`${GROUP}/v1`, kind, `${kind.toLowerCase()}s`, () => ({
    spec: { text: "a", list: [{ name: "a" }], keyed: [{ name: "a" }], map: { a: "b" } },
  })),
  older: `${GROUP}/v1beta1`,
}));

/** The schema of every version of a widget. */
export const widgetSchema: Schema = openAPIV3Schema;

/** Installs the definitions of the widgets. */
export async function defineWidgets(room: Room): Promise<void> {
  for (const { kind } of widgets) {
    const subresources = kind === "Widget" ? { subresources: { status: {} } } : {};
    const versions = ["v1", "v1beta1"].map(name =>
      version(name, { storage: name === "v1", schema: { openAPIV3Schema }, ...subresources }),
    );
    await define(room, definition(GROUP, kind, versions));
  }
}
