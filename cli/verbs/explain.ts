import pMap from "p-map";
import { findKind } from "../access/kinds";
import { targetOf, type Target } from "../access/targets";
import { UserError } from "../errors";
import { explained, type Explained } from "../inspection/explanation";
import { hasIt, holderWords, type Tracking } from "../inspection/holder-words";
import { findingOf, isSubject, releasesNear, trackersOf, type Subject } from "../inspection/holders";
import type { Finding, Inspection } from "../inspection/finding";
import { Inspector } from "../inspection/inspector";
import { readLocks } from "../inspection/read-locks";
import { refusalWords } from "../inspection/refusal-words";
import { ASKING_DENIED, forgottenWords } from "../inspection/survey";
import { verdictWords } from "../inspection/verdict";
import { fieldIn, valueColumn, whenColumn } from "../output/columns";
import { Listing, type Column, type Shape } from "../output/listing";
import { objectRef, resourceText, shown } from "../output/objects";
import { say } from "../output/say";
import { NOTHING } from "../output/values";
import type { Call } from "../verb";

/** One row: a field of the object. */
interface Row {
  readonly inspection: Inspection;
  readonly finding: Finding;
  readonly field: Explained;
}

/** Explains an object. @returns 1 if it could not be looked at @throws UserError if it is no release's */
export async function explain(call: Call): Promise<number> {
  const target = targetOf({ ...call.flags, contexts: call.flags.context });
  try {
    return await explainIn(call, target);
  } finally {
    await target.cluster.close();
  }
}

async function explainIn(call: Call, target: Target): Promise<number> {
  const { flags, stdout } = call;
  const warn = (text: string) => {
    say(call, `warning: ${text}`);
  };
  const subject = await subjectOf(call, target);
  const inspector = new Inspector(target.cluster, { byDryRuns: flags.dryRun, ofWrites: true });
  const near = await releasesNear(subject, { cluster: target.cluster, inspector, warn });
  const trackers = await trackersOf(subject, near, inspector);
  if (trackers.length === 0) throw new UserError(nobodysWords(subject));
  const locks = await readLocks(call, target, warn);
  const rows = new Listing<Row>(shapeOf(call), flags, stdout);
  const trackings = await pMap(
    trackers,
    async (release): Promise<Tracking> => {
      const ruling = locks?.of(release);
      const inspection = await inspector.inspect(release, ruling, { isWanted: isSubject(subject) });
      for (const words of forgottenWords(inspection)) warn(words);
      return {
        inspection,
        finding: findingOf(inspection, subject),
        ruling,
        isRulingKnown: locks !== undefined,
      };
    },
    { concurrency: 1 },
  );
  for (const tracking of trackings) {
    say(call, holderWords(subject, tracking));
    for (const words of refusalWords(tracking.finding ? [tracking.finding] : [])) say(call, words);
    for (const row of rowsOf(tracking)) rows.add(row);
  }
  rows.end();
  if (inspector.isDenied) warn(ASKING_DENIED);
  return trackings.some(({ finding }) => finding?.error !== undefined) ? 1 : 0;
}

function rowsOf(tracking: Tracking): Row[] {
  const { inspection, finding } = tracking;
  return finding && hasIt(tracking) ? explained(finding).map(field => ({ inspection, finding, field })) : [];
}

async function subjectOf(call: Call, { cluster, namespace: ofContext }: Target): Promise<Subject> {
  const [kindText, name] = readName(call.args);
  const kind = await findKind(cluster, kindText);
  const ref = { name, namespace: kind.namespaced ? (call.flags.namespace ?? ofContext) : undefined };
  return { kind, ref, live: await cluster.K8s(kind).InNamespace(ref.namespace).Get(name) };
}

/** Both KIND/NAME and KIND NAME. @throws UserError */
function readName(args: readonly string[]): [kind: string, name: string] {
  const [kind, name, ...more] = args.flatMap(text => text.split("/"));
  if (kind && name && more.length === 0) return [kind, name];
  throw new UserError(`"${args.join(" ")}" names no object: write KIND/NAME, or KIND NAME`);
}

function nobodysWords({ kind, ref, live }: Subject): string {
  const where = ref.namespace === undefined ? "" : ` in namespace ${ref.namespace}`;
  return live
    ? `${kind.kind} ${ref.name}${where} is no Helm release's: no record tracks it`
    : `there is no ${kind.kind} ${ref.name}${where}, and no release tracks one`;
}

function shapeOf({ flags }: Call): Shape<Row> {
  const valueOf = ({ field, finding }: Row, of: "chart" | "live") =>
    shown(field[of], finding.look.tracked.desired, flags.showSecrets);
  const columns: Column<Row>[] = [
    { title: "FIELD", text: ({ field }, isWide) => fieldIn(field.field, isWide) },
    valueColumn("CHART", row => valueOf(row, "chart")),
    valueColumn("LIVE", row => valueOf(row, "live")),
    { title: "VERDICT", text: ({ field, finding }) => verdictWords(field.verdict, finding.look.tracked) },
    { title: "LAST WRITER", text: ({ field }) => field.writer ?? NOTHING },
    whenColumn(({ field }) => field.since),
  ];
  const object = (row: Row) => {
    const { inspection, finding, field } = row;
    return {
      release: inspection.release,
      revision: inspection.lock.record?.revision,
      object: objectRef(finding.look.tracked.desired),
      field: field.field,
      chart: valueOf(row, "chart"),
      live: valueOf(row, "live"),
      verdict: verdictWords(field.verdict, finding.look.tracked),
      writer: field.writer,
      since: field.since,
    };
  };
  return { columns, object, name: ({ finding }) => resourceText(finding.look.tracked.desired) };
}
