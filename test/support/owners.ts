import { z } from "zod";
import type { KubeObject } from "../../hack/lib/objects";

const fieldSet = z.record(z.string(), z.unknown());
const entry = z.object({
  manager: z.string(),
  operation: z.string(),
  subresource: z.string().optional(),
  apiVersion: z.string(),
  fieldsV1: fieldSet,
});

/** Who owns which fields of an object: one entry of managedFields, without its time. */
export type Owner = z.infer<typeof entry>;

/**
 * The entries of managedFields, in an order that does not depend on times. A Secret's stringData counts as the data
 * that it becomes: Helm 4's entry has stringData, an entry of the stored object has data.
 */
export function ownersOf({ metadata: { managedFields = [] } }: KubeObject): Owner[] {
  const text = JSON.stringify(managedFields).replaceAll('"f:stringData"', '"f:data"');
  return z
    .array(entry)
    .parse(JSON.parse(text))
    .sort((one, other) => nameOf(one).localeCompare(nameOf(other)));
}

/** The innermost fields that entries hold, as paths. */
export function fieldsOf(owners: Owner[]): Set<string> {
  return new Set(owners.flatMap(({ fieldsV1 }) => leaves(fieldsV1, "")));
}

function leaves(fields: Record<string, unknown>, at: string): string[] {
  return Object.entries(fields).flatMap(([step, below]) => {
    const inner = fieldSet.parse(below);
    if (step === ".") return [];
    return Object.keys(inner).length === 0 ? [`${at} ${step}`] : leaves(inner, `${at} ${step}`);
  });
}

function nameOf({ manager, operation, subresource = "", apiVersion }: Owner): string {
  return [manager, operation, subresource, apiVersion].join(" ");
}
