import * as z from "zod";
import { actions, happenings, type HistoryStatus } from "../../crds/history";
import { toSeconds } from "../kube/time";
import { recordable, type Policy } from "../policy/policy";
import type { Entry, FieldValues } from "../state/history";
import { nameOf } from "./words";

/** Most bytes of a history: a status is read with every list of HelmReleases. */
const MOST = 30_000;

const OBJECT = /^(?<kind>\S+) (?:(?<namespace>\S+)\/)?(?<name>\S+)$/;

const valuesSchema = z.object({
  field: z.string(),
  chart: z.string().optional(),
  live: z.string().optional(),
});

/** An entry as `historyStatus` writes it. */
const entrySchema = z.object({
  time: z.string().transform(time => Date.parse(time)),
  count: z.int().positive(),
  object: z.string().regex(OBJECT),
  operation: z.enum(happenings),
  fields: z.array(z.string()),
  by: z.array(z.string()),
  action: z.enum(actions),
  tookMs: z.int().nonnegative().optional(),
  values: z.array(valuesSchema).default([]),
});

/** A history as a status has it, with no more of the fields than the policy in effect lets be recorded, and no more than fits. */
export function historyStatus(entries: readonly Entry[], policy: Pick<Policy, "recordDiff">): HistoryStatus {
  const whole = entries.map(entry => entryStatus(entry, policy));
  const fitting = isTooLong(whole) ? whole.map(({ values: _, ...entry }) => entry) : whole;
  while (isTooLong(fitting)) fitting.pop();
  return fitting;
}

function isTooLong(history: HistoryStatus): boolean {
  return Buffer.byteLength(JSON.stringify(history)) > MOST;
}

function entryStatus(
  { time, count, object, operation, fields, by, action, tookMs, values }: Entry,
  policy: Pick<Policy, "recordDiff">,
): HistoryStatus[number] {
  return {
    time: toSeconds(time),
    count,
    object: nameOf({ apiVersion: "", kind: object.kind, metadata: placeOf(object) }),
    operation,
    fields: [...recordable(fields, policy)],
    by: [...by],
    action,
    ...(tookMs === undefined ? {} : { tookMs: Math.round(tookMs) }),
    ...(policy.recordDiff === "Values" && values.length > 0 ? { values: values.map(given) } : {}),
  };
}

/**
 * Reads a history back, which other processes may have written into. What others have written and can't be read is dropped.
 *
 * @param known what this process knows; a change that is in both is read as it is known, with the time and count that the status says
 */
export function readHistory(
  status: HistoryStatus | null | undefined,
  known: readonly Entry[],
  policy: Pick<Policy, "recordDiff">,
): Entry[] {
  const own = new Map(known.map(entry => [identityOf(entryStatus(entry, policy)), entry]));
  return (status ?? []).flatMap(written => {
    const { data } = entrySchema.safeParse(written);
    if (!data || Number.isNaN(data.time)) return [];
    const { kind = "", namespace, name = "" } = OBJECT.exec(data.object)?.groups ?? {};
    const values = data.values.map(({ field, chart, live }) => ({ field, chart, live }));
    const read = { ...data, tookMs: data.tookMs, values, object: { kind, namespace, name } };
    const { time, count } = read;
    return [{ ...(own.get(identityOf(written)) ?? read), time, count }];
  });
}

/** What tells the changes of a history apart. */
function identityOf({ object, operation, fields, by, action }: HistoryStatus[number]): string {
  return JSON.stringify([object, operation, fields, by, action]);
}

function placeOf({ namespace, name }: Entry["object"]) {
  return { name, ...(namespace === undefined ? {} : { namespace }) };
}

function given({ field, chart, live }: FieldValues) {
  return {
    field,
    ...(chart === undefined ? {} : { chart }),
    ...(live === undefined ? {} : { live }),
  };
}
