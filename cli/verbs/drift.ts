import { groupOf } from "../../capabilities/kube/kinds";
import type { KubeObject } from "../../capabilities/kube/object";
import { releaseKey } from "../../capabilities/release/release";
import { cut } from "../../capabilities/report/words";
import { conflictsOf } from "../inspection/conflicts";
import { differencesOf, type Difference } from "../inspection/differences";
import type { Inspection } from "../inspection/inspector";
import { survey } from "../inspection/survey";
import { Listing, type Column, type Shape } from "../output/listing";
import { ageText, HIDDEN, NOTHING, shortField, valueText } from "../output/values";
import type { Call } from "../verb";

/** How many characters of a value a table shows. */
const MOST_OF_VALUE = 32;

/** One row: a place where an object differs. */
interface Row {
  readonly context: string;
  readonly inspection: Inspection;
  readonly object: KubeObject;
  readonly difference: Difference;
}

/** Shows what differs from what Helm installed. @returns 2 if something does and that was asked for, 1 if something could not be looked at */
export async function drift(call: Call): Promise<number> {
  const { flags, stdout, stderr } = call;
  const rows = new Listing<Row>(shapeOf(call), flags, stdout);
  const drifted = new Set<string>();
  const conflicting = new Map<string, number>();
  let count = 0;
  const { releases, isPartial } = await survey(call, ({ context, inspection }) => {
    const { release, findings } = inspection;
    for (const finding of findings) {
      for (const difference of differencesOf(finding)) {
        rows.add({ context, inspection, object: finding.look.tracked.desired, difference });
        drifted.add(`${context} ${releaseKey(release)}`);
        count++;
      }
    }
    const conflicts = findings.flatMap(conflictsOf).filter(({ isNow }) => isNow).length;
    if (conflicts > 0) conflicting.set(`${release.name} -n ${release.namespace}`, conflicts);
  });
  rows.end();
  stderr.write(`${summaryOf(count, drifted.size, releases)}${adviceOf(conflicting, call.program)}\n`);
  if (isPartial) return 1;
  return flags.detailedExitcode && count > 0 ? 2 : 0;
}

function summaryOf(count: number, drifted: number, releases: number): string {
  if (releases === 0) return "No release found.";
  const of = releases === 1 ? "1 release" : `${releases} releases`;
  if (count === 0) return `No difference in ${of}.`;
  return `${count === 1 ? "1 difference" : `${count} differences`} in ${drifted} of ${of}.`;
}

function adviceOf(conflicting: ReadonlyMap<string, number>, program: string): string {
  const [first, ...more] = conflicting;
  if (!first) return "";
  const [release, count] = first;
  const fields = count === 1 ? "1 field" : `${count} fields`;
  const others = more.length === 0 ? "" : ` (and for ${more.length} more)`;
  return ` The next upgrade with Helm 4 would conflict on ${fields}: ${program} conflicts ${release}${others}`;
}

function shapeOf({ flags }: Call): Shape<Row> {
  const shown = (row: Row, value: Difference["chart"]) =>
    isHidden(row, flags.showSecrets) && value !== undefined ? HIDDEN : value;
  const value = (of: "chart" | "live") => (row: Row, isWide: boolean) => {
    const text = row.difference.whole ? "" : valueText(shown(row, row.difference[of]));
    return isWide ? text : cut(text, MOST_OF_VALUE);
  };
  const columns: Column<Row>[] = [
    ...(flags.context.length > 0 ? [{ title: "CONTEXT", text: ({ context }: Row) => context }] : []),
    { title: "RELEASE", text: ({ inspection }) => releaseKey(inspection.release) },
    { title: "REVISION", text: ({ inspection }) => String(inspection.lock.record?.revision ?? NOTHING) },
    {
      title: "OBJECT",
      text: ({ object, inspection }, isWide) =>
        objectText(object, isWide ? undefined : inspection.release.namespace),
    },
    { title: "FIELD", text: ({ difference }, isWide) => fieldText(difference, isWide) },
    { title: "CHART", text: value("chart") },
    { title: "LIVE", text: value("live") },
    { title: "BY", text: ({ difference }) => difference.by.join(",") || NOTHING },
    {
      title: "WHEN",
      text: ({ difference }, isWide) => (isWide ? (difference.since ?? NOTHING) : ageText(difference.since)),
    },
  ];
  return { columns, object: row => objectOf(row, shown), name: ({ object }) => resourceText(object) };
}

function isHidden({ object }: Row, showsSecrets: boolean): boolean {
  return object.kind === "Secret" && !showsSecrets;
}

function fieldText({ field, whole, isSure }: Difference, isWide: boolean): string {
  if (whole) return `(${whole})`;
  return `${isWide ? field : shortField(field)}${isSure ? "" : " ?"}`;
}

/** "Deployment shop", with its namespace where that is another one than the release's. */
function objectText(
  { kind, metadata: { name, namespace } }: KubeObject,
  ofRelease: string | undefined,
): string {
  return `${kind} ${typeof namespace === "string" && namespace !== ofRelease ? `${namespace}/` : ""}${name}`;
}

/** What kubectl takes: "deployment.apps/shop -n demo". */
function resourceText({ apiVersion, kind, metadata: { name, namespace } }: KubeObject): string {
  const group = groupOf(apiVersion);
  const resource = `${kind.toLowerCase()}${group === "" ? "" : `.${group}`}/${name}`;
  return typeof namespace === "string" ? `${resource} -n ${namespace}` : resource;
}

function objectOf(row: Row, shown: (row: Row, value: Difference["chart"]) => Difference["chart"]): object {
  const { context, inspection, object, difference } = row;
  const { field, whole, by, since, isSure } = difference;
  return {
    context,
    release: inspection.release,
    revision: inspection.lock.record?.revision,
    object: {
      apiVersion: object.apiVersion,
      kind: object.kind,
      namespace: object.metadata.namespace,
      name: object.metadata.name,
    },
    ...(whole
      ? { is: whole }
      : { field, chart: shown(row, difference.chart), live: shown(row, difference.live) }),
    by,
    since,
    ...(isSure ? {} : { isSure }),
  };
}
