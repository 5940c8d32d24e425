import { releaseKey } from "../../capabilities/release/release";
import type { Phase } from "../../capabilities/state/phase";
import { conflictsIn, conflictsOnceServerSide, type Conflict } from "../inspection/conflicts";
import type { Inspection } from "../inspection/finding";
import { isLocked } from "../inspection/inspector";
import { survey, type Surveyed } from "../inspection/survey";
import { contextColumns, fieldIn, valueColumn } from "../output/columns";
import { counted } from "../output/counted";
import { Listing, type Column, type Shape } from "../output/listing";
import { objectRef, objectText, resourceText, shown } from "../output/objects";
import { harmlessLines, NOTHING } from "../output/values";
import type { Call } from "../verb";
import { flagsOf } from "./governed";

/** One row: a field of the chart that others own. */
interface Row {
  readonly context: string;
  readonly inspection: Inspection;
  readonly conflict: Conflict;
}

/** Shows what an upgrade with Helm 4 is refused for, and how to get out of it. @returns 1 if something could not be looked at */
export async function conflicts(call: Call): Promise<number> {
  const { flags, stdout, stderr } = call;
  const rows = new Listing<Row>(shapeOf(call), flags, stdout);
  const advice: string[] = [];
  let clientSide = 0;
  const onRelease = ({ context, inspection }: Surveyed) => {
    const found = conflictsIn(inspection);
    for (const conflict of found) rows.add({ context, inspection, conflict });
    if (found.length > 0) advice.push(waysOut(inspection, found, lockLine(call, inspection, context)));
    if (!inspection.isServerSide && isUpgradable(inspection.phase)) {
      clientSide++;
      if (call.args.length > 0) advice.push(clientSideWords(inspection));
    }
  };
  const { releases, isPartial } = await survey(withoutAsking(call), onRelease, {
    isMeant: isUpgradable,
  });
  rows.end();
  const summary = summaryOf(releases, { advice, clientSide, isOne: call.args.length > 0 });
  stderr.write(harmlessLines(summary));
  return isPartial ? 1 : 0;
}

/** Whose a field is, the object tells. */
function withoutAsking(call: Call): Call {
  return { ...call, flags: { ...call.flags, dryRun: false, policy: false } };
}

/** What was refused has failed, and is what is tried next. */
function isUpgradable({ stance, cause }: Phase): boolean {
  return stance === "lock" || (cause.is === "record" && cause.status === "failed");
}

function summaryOf(
  releases: number,
  { advice, clientSide, isOne }: { advice: readonly string[]; clientSide: number; isOne: boolean },
): string {
  if (releases === 0) return "No release found.\n";
  const of = counted(releases, "release");
  const never =
    isOne || clientSide === 0
      ? ""
      : ` Of ${clientSide}, Helm writes the objects client-side, which never conflicts.`;
  return advice.length === 0
    ? `No conflict in ${of}.${never}\n`
    : `${advice.join("\n\n")}\n${never.trim()}${never === "" ? "" : "\n"}`;
}

function clientSideWords(inspection: Inspection): string {
  const would = conflictsOnceServerSide(inspection).filter(({ isNow }) => isNow).length;
  const but =
    would === 0 ? "" : ` With helm upgrade --server-side=true, it would on up to ${counted(would, "field")}.`;
  return `No conflict: Helm writes the objects of ${releaseKey(inspection.release)} client-side, and goes on so by default, which never conflicts.${but}`;
}

function lockLine(call: Call, { release }: Inspection, context: string): string {
  return `${call.program} lock ${flagsOf(release, call, context)}`;
}

/** @param toLock what to type to lock the release */
function waysOut({ release, phase }: Inspection, found: readonly Conflict[], toLock: string): string {
  const now = found.filter(({ isNow }) => isNow).length;
  const later = found.length - now;
  const { namespace, name } = release;
  const lockWords = [
    `  ${toLock}`,
    "    has the operator revert what has drifted, in Helm's name; what its policy ignores stays in conflict",
  ];
  return [
    `${releaseKey(release)}: ${whenWords(now, later)} Ways out:`,
    `  helm upgrade ${name} CHART -n ${namespace} --force-conflicts`,
    "    gives the fields the chart's values, and takes them from their owners",
    ...(isLocked(phase) ? lockWords : []),
    "  put the live values into the chart, which conflicts with nobody, or take the fields out of it: then they stay as they are",
  ].join("\n");
}

function whenWords(now: number, later: number): string {
  const nowWords = `helm upgrade with Helm 4 is refused for ${counted(now, "field")}`;
  if (now === 0)
    return `helm upgrade with Helm 4 is refused once the chart changes ${later === 1 ? "this field" : "one of these fields"}.`;
  return later === 0
    ? `${nowWords}.`
    : `${nowWords}, and for ${later} more once the chart changes ${later === 1 ? "it" : "them"}.`;
}

function shapeOf({ flags }: Call): Shape<Row> {
  const valueOf = ({ conflict }: Row, of: "chart" | "live") =>
    shown(conflict[of], conflict.object, flags.showSecrets);
  const columns: Column<Row>[] = [
    ...contextColumns<Row>(flags, ({ context }) => context),
    { title: "RELEASE", text: ({ inspection }) => releaseKey(inspection.release) },
    {
      title: "OBJECT",
      text: ({ conflict, inspection }, isWide) =>
        objectText(conflict.object, isWide ? undefined : inspection.release.namespace),
    },
    {
      title: "FIELD",
      text: ({ conflict }, isWide) => fieldIn(conflict.field, isWide),
    },
    valueColumn("CHART", row => valueOf(row, "chart")),
    valueColumn("LIVE", row => valueOf(row, "live")),
    { title: "OWNER", text: ({ conflict }) => conflict.owners.join(",") || NOTHING },
    { title: "REFUSED", text: ({ conflict }) => refusedWords(conflict) },
  ];
  const object = (row: Row) => {
    const { context, inspection, conflict } = row;
    return {
      context,
      release: inspection.release,
      revision: inspection.lock.record?.revision,
      object: objectRef(conflict.object),
      field: conflict.field,
      chart: valueOf(row, "chart"),
      live: valueOf(row, "live"),
      owners: conflict.owners,
      refused: refusedWords(conflict),
    };
  };
  return { columns, object, name: ({ conflict }) => resourceText(conflict.object) };
}

function refusedWords({ isNow }: Conflict): string {
  return isNow ? "now" : "once changed";
}
