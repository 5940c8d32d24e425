import type { Room } from "../room";
import { define, definition, version } from "../definitions";
import { Dice } from "./dice";
import { Schemas, type Schema } from "./schema";
import { SchemaDice } from "./schema-dice";
import { namespaced, type Subject } from "./subject";
import { Values } from "./values";

const GROUP = "tools.example.com";
const OLDER = "v1beta1";

/** A kind of custom resources with its schema. */
export interface GeneratedKind {
  readonly subject: Subject;
  readonly schema: Schema;
  readonly hasStatus: boolean;
}

const TEXT: Schema = { type: "string" };

/** Where an operator notes what belongs together. */
const REFERENCE: Schema = { type: "object", properties: { apiVersion: TEXT, kind: TEXT, name: TEXT } };

/** Kinds with and without a status subresource, each in two versions, with a random schema of every shape. */
export function generatedKinds(seed: number): GeneratedKind[] {
  return ["Widget", "Gadget"].map((kind, index) => {
    const dice = new Dice(seed + index);
    const spec = new SchemaDice(dice, new Values(new Schemas(), dice)).everyShape();
    const properties = { ...spec.properties, resourceRef: REFERENCE };
    const subject = namespaced(`${GROUP}/v1`, kind, `${kind.toLowerCase()}s`, () => ({ spec: {} }));
    return {
      subject: { ...subject, older: `${GROUP}/${OLDER}` },
      schema: {
        type: "object",
        properties: {
          spec: { ...spec, properties },
          status: { type: "object", properties: { phase: TEXT } },
        },
      },
      hasStatus: kind === "Widget",
    };
  });
}

/** Installs the definitions of kinds. */
export async function defineKinds(room: Room, kinds: readonly GeneratedKind[]): Promise<void> {
  for (const { subject, schema, hasStatus } of kinds) {
    const subresources = hasStatus ? { subresources: { status: {} } } : {};
    const versions = ["v1", OLDER].map(name =>
      version(name, { storage: name === "v1", schema: { openAPIV3Schema: schema }, ...subresources }),
    );
    await define(room, definition(GROUP, subject.kind, versions));
  }
}
