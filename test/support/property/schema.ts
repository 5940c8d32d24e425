import { z } from "zod";
import type { Api } from "../../../hack/lib/api";
import { json, jsonObject, type Json, type JsonObject } from "./json";

/** A schema of an OpenAPI document or of a definition, as far as the tests read it. */
export interface Schema {
  $ref?: string | undefined;
  allOf?: Schema[] | undefined;
  type?: string | undefined;
  format?: string | undefined;
  default?: Json | undefined;
  enum?: Json[] | undefined;
  nullable?: boolean | undefined;
  properties?: Record<string, Schema> | undefined;
  additionalProperties?: Schema | boolean | undefined;
  items?: Schema | undefined;
  required?: string[] | undefined;
  "x-kubernetes-list-type"?: string | undefined;
  "x-kubernetes-list-map-keys"?: string[] | undefined;
  "x-kubernetes-map-type"?: string | undefined;
  "x-kubernetes-int-or-string"?: boolean | undefined;
  "x-kubernetes-preserve-unknown-fields"?: boolean | undefined;
  "x-kubernetes-embedded-resource"?: boolean | undefined;
}

export const schema: z.ZodType<Schema> = z.lazy(() =>
  z.looseObject({
    $ref: z.string().optional(),
    allOf: z.array(schema).optional(),
    type: z.string().optional(),
    format: z.string().optional(),
    default: json.optional(),
    enum: z.array(json).optional(),
    nullable: z.boolean().optional(),
    properties: z.record(z.string(), schema).optional(),
    additionalProperties: z.union([z.boolean(), schema]).optional(),
    items: schema.optional(),
    required: z.array(z.string()).optional(),
    "x-kubernetes-list-type": z.string().optional(),
    "x-kubernetes-list-map-keys": z.array(z.string()).optional(),
    "x-kubernetes-map-type": z.string().optional(),
    "x-kubernetes-int-or-string": z.boolean().optional(),
    "x-kubernetes-preserve-unknown-fields": z.boolean().optional(),
    "x-kubernetes-embedded-resource": z.boolean().optional(),
  }),
);

const document = z.object({ components: z.object({ schemas: z.record(z.string(), jsonObject) }) });
const ofKind = z.array(z.object({ group: z.string(), version: z.string(), kind: z.string() })).default([]);
const KIND = "x-kubernetes-group-version-kind";

const text: Schema = { type: "string" };
const texts: Schema = { type: "object", additionalProperties: text };

const named: Schema = { type: "object", required: ["name"], properties: { name: text } };

/** Schemas that say too little, or of which only a part is for users, by the ends of their names. */
const KNOWN: Record<string, Schema> = {
  ".v1.ObjectMeta": { type: "object", properties: { labels: texts, annotations: texts } },
  ".v1.LocalObjectReference": named,
  ".v1.ObjectReference": named,
  ".resource.Quantity": { type: "string", format: "quantity" },
  ".intstr.IntOrString": { "x-kubernetes-int-or-string": true },
  ".runtime.RawExtension": { type: "object", "x-kubernetes-preserve-unknown-fields": true },
};

/** The schemas of what an API server has: those that it publishes, and those of definitions. */
export class Schemas {
  readonly #named = new Map<string, JsonObject>();
  readonly #kinds = new Map<string, Schema>();
  /** By their names, as far as they were asked for. */
  readonly #resolved = new Map<string, Schema>();

  /** Reads what a server publishes of API versions, "apps/v1". */
  static async of(api: Api, apiVersions: Iterable<string>): Promise<Schemas> {
    const schemas = new Schemas();
    await Promise.all([...new Set(apiVersions)].map(apiVersion => schemas.#read(api, apiVersion)));
    return schemas;
  }

  /** Adds a kind of a definition. */
  define(apiVersion: string, kind: string, definition: Schema): void {
    this.#kinds.set(`${apiVersion} ${kind}`, definition);
  }

  /** The schema of a kind, with its metadata aside. */
  of(apiVersion: string, kind: string): Schema {
    const found = this.#kinds.get(`${apiVersion} ${kind}`);
    if (!found) throw new Error(`the server publishes no schema of ${apiVersion} ${kind}`);
    return found;
  }

  /** What a reference stands for. */
  resolved(reference: Schema): Schema {
    const { $ref = reference.allOf?.[0]?.$ref } = reference;
    if ($ref === undefined) return reference;
    const name = $ref.slice($ref.lastIndexOf("/") + 1);
    const found = this.#resolved.get(name) ?? this.#resolve(name);
    this.#resolved.set(name, found);
    return found;
  }

  #resolve(name: string): Schema {
    const known = Object.entries(KNOWN).find(([end]) => name.endsWith(end))?.[1];
    return known ?? schema.parse(this.#named.get(name) ?? {});
  }

  async #read(api: Api, apiVersion: string): Promise<void> {
    const root = apiVersion.includes("/") ? "apis" : "api";
    const { components } = document.parse(await api.send("GET", `/openapi/v3/${root}/${apiVersion}`));
    for (const [name, body] of Object.entries(components.schemas)) {
      this.#named.set(name, body);
      for (const { group, version, kind } of ofKind.parse(body[KIND]))
        if ((group === "" ? version : `${group}/${version}`) === apiVersion)
          this.#kinds.set(`${apiVersion} ${kind}`, schema.parse(body));
    }
  }
}
