import * as z from "zod";
import { MANAGED_BY_LABEL, RELEASE_NAME_ANNOTATION, RELEASE_NAMESPACE_ANNOTATION } from "./ownership";

/** The manager that both Helm CLIs write as. */
export const DEFAULT_FIELD_MANAGER = "helm";

const managedSchema = z.object({
  metadata: z.object({
    managedFields: z.array(
      z.object({
        manager: z.string().optional(),
        operation: z.string().optional(),
        subresource: z.string().optional(),
        fieldsV1: z.unknown().optional(),
      }),
    ),
  }),
});

/** An entry of managedFields that may be Helm's. */
interface Entry {
  readonly manager: string;
  readonly operation: string | undefined;
  readonly fieldsV1: unknown;
}

/** The entries of an object without those that are never Helm's. */
function entriesOf(live: unknown): Entry[] {
  const entries = managedSchema.safeParse(live).data?.metadata.managedFields ?? [];
  return entries.flatMap(({ manager, operation, subresource, fieldsV1 }) =>
    manager === undefined || isForeign(manager) || (subresource ?? "") !== ""
      ? []
      : { manager, operation, fieldsV1 },
  );
}

/** "before-first-apply" is the API server's own name for the time before managers were tracked. */
function isForeign(manager: string): boolean {
  return manager === "" || manager.startsWith("kubectl") || ["pepr", "before-first-apply"].includes(manager);
}

/** The product in the user agent of Helm's command line, under which it writes records. */
const HELM_AGENT = "Helm";

/** The field managers of a release record, as they are named on objects: who wrote it has most likely written the release's objects. */
export function writersOf(record: unknown): string[] {
  const managers = entriesOf(record).map(({ manager }) => manager);
  return [...new Set(managers.map(manager => (manager === HELM_AGENT ? DEFAULT_FIELD_MANAGER : manager)))];
}

const ownsReleaseName = z.object({
  "f:metadata": z.object({
    "f:annotations": z.object({
      [`f:${RELEASE_NAME_ANNOTATION}`]: z.unknown().refine(value => value !== undefined),
    }),
  }),
});

/**
 * The manager that shows on a live object how its release is applied: a writer of the release's record or, failing that, one that wrote the
 * object's `meta.helm.sh/release-name`. Anybody can become an owner of that annotation, by an apply that changes nothing. So who also wrote
 * something else counts more, and who wrote as Helm's client side does counts more than who applied.
 *
 * @param writers of the release's record
 * @returns undefined if there is none, or only managers that are never Helm's: kubectl, or Pepr's fluent client
 */
export function fieldManagerVote(live: unknown, writers: readonly string[] = []): string | undefined {
  const ranked = entriesOf(live)
    .map(entry => ({ manager: entry.manager, rank: rankOf(entry, writers) }))
    .filter(({ rank }) => rank > 0)
    .sort((one, other) => other.rank - one.rank);
  return ranked[0]?.manager;
}

function rankOf({ manager, operation, fieldsV1 }: Entry, writers: readonly string[]): number {
  const ownsName = ownsReleaseName.safeParse(fieldsV1).success;
  if (writers.includes(manager)) return ownsName ? 6 : 5;
  if (!ownsName) return 0;
  return 1 + (ownsMore(fieldsV1) ? 2 : 0) + (operation === "Update" ? 1 : 0);
}

const fieldSet = z.record(z.string(), z.unknown());

/** What Helm adds to every object, as managedFields names it. */
const MARKS = new Set([
  ".",
  `f:${MANAGED_BY_LABEL}`,
  `f:${RELEASE_NAME_ANNOTATION}`,
  `f:${RELEASE_NAMESPACE_ANNOTATION}`,
]);

function ownsMore(fieldsV1: unknown): boolean {
  const { "f:metadata": metadata, ...rest } = fieldSet.safeParse(fieldsV1).data ?? {};
  if (Object.keys(rest).length > 0) return true;
  const {
    "f:labels": labels,
    "f:annotations": annotations,
    ...others
  } = fieldSet.safeParse(metadata).data ?? {};
  const marked = [labels, annotations].flatMap(fields => Object.keys(fieldSet.safeParse(fields).data ?? {}));
  return Object.keys(others).length > 0 || marked.some(key => !MARKS.has(key));
}

/**
 * The field manager of a release: the most frequent vote of its objects; on a tie, the first in the alphabet. A single object does not decide,
 * because anyone may have rewritten its annotation. Votes for somebody who never wrote the release's record don't count against the manager of
 * an earlier election.
 *
 * @param former who was elected before
 */
export function electFieldManager(
  votes: Iterable<string>,
  writers: readonly string[] = [],
  former?: string,
): string {
  const all = [...votes];
  const trusted = all.filter(vote => writers.includes(vote));
  if (trusted.length === 0 && former !== undefined) return former;
  return mostFrequent(trusted.length > 0 ? trusted : all) ?? DEFAULT_FIELD_MANAGER;
}

function mostFrequent(votes: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const vote of votes) counts.set(vote, (counts.get(vote) ?? 0) + 1);
  const ranked = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return ranked[0]?.[0];
}
