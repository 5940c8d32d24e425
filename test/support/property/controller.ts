import { z } from "zod";
import type { Api } from "../../../hack/lib/api";
import type { Body } from "../../../hack/lib/objects";
import { inPointers, isMap, jsonObject, valueAt, type JsonObject, type Operation, type Place } from "./json";
import { unlessRefused } from "./stage";

/** The name of a controller that writes an object's status, and other fields beside it. */
const MANAGER = "acme-controller";

const MERGE = "application/merge-patch+json";
const JSON_PATCH = "application/json-patch+json";

/** What kinds take for a status; those with a status subresource take it there alone. */
const STATUSES: readonly Body[] = [
  { phase: "Ready" },
  { observedGeneration: 1 },
  { conditions: [] },
  { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } },
  { replicas: 1 },
  { active: 1 },
];

const owned = z.object({
  metadata: z.object({
    managedFields: z
      .array(z.object({ manager: z.string(), subresource: z.string().optional(), fieldsV1: jsonObject }))
      .default([]),
  }),
});

/**
 * Writes the status of an object as its controller, and then adds something to the object itself.
 *
 * @param statusless collections of which no object takes a status
 * @returns the object with it; undefined where it has no status, where the server refuses it, or where what is added has no owner of
 * its own, as inside a list that has one owner as a whole
 */
export async function addAsController(
  api: Api,
  path: string,
  operation: Operation,
  statusless: Set<string>,
): Promise<JsonObject | undefined> {
  const { place } = operation;
  const collection = path.slice(0, path.lastIndexOf("/"));
  if (statusless.has(collection)) return undefined;
  if (operation.op === "remove" || place.some(step => typeof step === "number")) return undefined;
  const add = (query: string): Promise<JsonObject> =>
    sent(api, `${path}?fieldManager=${MANAGER}${query}`, JSON_PATCH, [inPointers(operation)]);
  const tried = await unlessRefused(add("&dryRun=All"));
  if (!tried || !owns(tried, MANAGER, place)) return undefined;
  if (owns(tried, MANAGER, STATUS) || (await takesStatus(api, path))) return unlessRefused(add(""));
  statusless.add(collection);
  return undefined;
}

const STATUS = ["status"];

/** Whether the controller comes to own the status. */
async function takesStatus(api: Api, path: string): Promise<boolean> {
  for (const status of STATUSES) {
    for (const place of [`${path}/status`, path]) {
      const written = await unlessRefused(sent(api, `${place}?fieldManager=${MANAGER}`, MERGE, { status }));
      if (written && owns(written, MANAGER, STATUS)) return true;
    }
  }
  return false;
}

/** Whether managedFields tell of a place in the maps of an object that somebody has written it. */
export function owns(object: JsonObject, manager: string, place: Place): boolean {
  const entries = owned.parse(object).metadata.managedFields.filter(entry => entry.manager === manager);
  const fields = place.map(step => `f:${step}`);
  return entries.some(({ fieldsV1 }) => isMap(valueAt(fieldsV1, fields)));
}

async function sent(api: Api, path: string, type: string, body: Body | readonly Body[]): Promise<JsonObject> {
  return jsonObject.parse(await api.send("PATCH", path, body, type));
}
