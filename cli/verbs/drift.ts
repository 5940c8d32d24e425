import type { KubeObject } from "../../capabilities/kube/object";
import { releaseKey } from "../../capabilities/release/release";
import { conflictsIn } from "../inspection/conflicts";
import { differencesOf, type Difference } from "../inspection/differences";
import type { Inspection } from "../inspection/finding";
import { survey, type Outcome } from "../inspection/survey";
import { contextColumns, fieldIn, valueColumn, whenColumn } from "../output/columns";
import { counted } from "../output/counted";
import { Listing, type Column, type Shape } from "../output/listing";
import { objectRef, objectText, resourceText, shown } from "../output/objects";
import { say } from "../output/say";
import { NOTHING } from "../output/values";
import type { Call } from "../verb";
import { flagsOf } from "./governed";

/** One row: a place where an object differs. */
interface Row {
  readonly context: string;
  readonly inspection: Inspection;
  readonly object: KubeObject;
  readonly difference: Difference;
}

/** Shows what differs from what Helm installed. @returns 2 if something does and that was asked for, 1 if something could not be looked at */
export async function drift(call: Call): Promise<number> {
  const { flags, stdout } = call;
  const rows = new Listing<Row>(shapeOf(call), flags, stdout);
  const drifted = new Set<string>();
  const conflicting: [release: string, fields: number][] = [];
  let count = 0;
  const { releases, unread, isPartial } = await survey(call, ({ context, inspection }) => {
    const { release, findings } = inspection;
    for (const finding of findings) {
      for (const difference of differencesOf(finding)) {
        rows.add({ context, inspection, object: finding.look.tracked.desired, difference });
        drifted.add(`${context} ${releaseKey(release)}`);
        count++;
      }
    }
    const conflicts = conflictsIn(inspection).filter(({ isNow }) => isNow).length;
    if (conflicts > 0) conflicting.push([flagsOf(release, call, context), conflicts]);
  });
  rows.end();
  say(call, `${summaryOf(count, drifted.size, { releases, unread })}${adviceOf(conflicting, call.program)}`);
  if (isPartial) return 1;
  return flags.detailedExitcode && count > 0 ? 2 : 0;
}

function summaryOf(
  count: number,
  drifted: number,
  { releases, unread }: Pick<Outcome, "releases" | "unread">,
): string {
  if (releases + unread === 0) return "No release found.";
  const compared = counted(releases, "release");
  const missed = unread === 0 ? "" : ` ${unread} could not be compared.`;
  if (releases === 0) return missed.trim();
  if (count === 0) return `No difference in ${compared}.${missed}`;
  return `${counted(count, "difference")} in ${drifted} of ${compared}.${missed}`;
}

function adviceOf(conflicting: readonly [release: string, fields: number][], program: string): string {
  const [first, ...more] = conflicting;
  if (!first) return "";
  const [release, count] = first;
  const others =
    more.length === 0
      ? ""
      : ` (and of ${more.length === 1 ? "another release" : `${more.length} other releases`})`;
  return ` The next upgrade with Helm 4 would conflict on ${counted(count, "field")}: ${program} conflicts ${release}${others}`;
}

function shapeOf({ flags }: Call): Shape<Row> {
  const valueOf = ({ object, difference }: Row, of: "chart" | "live") =>
    shown(difference[of], object, flags.showSecrets);
  const hasValues = ({ difference }: Row) => !difference.whole;
  const columns: Column<Row>[] = [
    ...contextColumns<Row>(flags, ({ context }) => context),
    { title: "RELEASE", text: ({ inspection }) => releaseKey(inspection.release) },
    { title: "REVISION", text: ({ inspection }) => String(inspection.lock.record?.revision ?? NOTHING) },
    {
      title: "OBJECT",
      text: ({ object, inspection }, isWide) =>
        objectText(object, isWide ? undefined : inspection.release.namespace),
    },
    { title: "FIELD", text: ({ difference }, isWide) => fieldText(difference, isWide) },
    valueColumn("CHART", row => valueOf(row, "chart"), hasValues),
    valueColumn("LIVE", row => valueOf(row, "live"), hasValues),
    { title: "BY", text: ({ difference }) => difference.by.join(",") || NOTHING },
    whenColumn(({ difference }) => difference.since),
  ];
  return { columns, object: row => objectOf(row, valueOf), name: ({ object }) => resourceText(object) };
}

function fieldText({ field, whole, isSure }: Difference, isWide: boolean): string {
  if (whole) return `(${whole})`;
  return `${fieldIn(field, isWide)}${isSure ? "" : " ?"}`;
}

function objectOf(row: Row, valueOf: (row: Row, of: "chart" | "live") => Difference["chart"]): object {
  const { context, inspection, object, difference } = row;
  const { field, whole, by, since, isSure } = difference;
  return {
    context,
    release: inspection.release,
    revision: inspection.lock.record?.revision,
    object: objectRef(object),
    ...(whole ? { is: whole } : { field, chart: valueOf(row, "chart"), live: valueOf(row, "live") }),
    by,
    since,
    ...(isSure ? {} : { isSure }),
  };
}
