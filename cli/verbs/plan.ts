import { ForbiddenError } from "../../capabilities/cluster/errors";
import { idleIn } from "../../capabilities/policy/exemption";
import { PolicyError } from "../../capabilities/policy/policy-error";
import { releaseKey } from "../../capabilities/release/release";
import { idleWords } from "../../capabilities/report/idle-words";
import { phaseWords } from "../../capabilities/report/phase-words";
import { untrackedWords } from "../../capabilities/report/problem-words";
import { accountWords, withAdvice } from "../../capabilities/report/words";
import { parsePolicy } from "../../capabilities/state/claim";
import { isGone } from "../../capabilities/state/phase";
import { PLAIN, type Standing } from "../../capabilities/state/standing";
import { askedSpec, type AskedSpec } from "../access/asked-spec";
import type { Ruling } from "../access/locks";
import { UserError } from "../errors";
import { modeWords } from "../inspection/lock-words";
import { planned, type Planned } from "../inspection/planned";
import { accountsFor, lackingFor, operatorIn, type Lacking } from "../inspection/rights";
import { refusalWords } from "../inspection/refusal-words";
import { survey, type Surveyed } from "../inspection/survey";
import { verdictWords, type Verdict } from "../inspection/verdict";
import { causeWords } from "../output/error-words";
import { contextColumns, fieldIn, valueColumn } from "../output/columns";
import { Listing, type Column, type Shape } from "../output/listing";
import { objectRef, objectText, resourceText, shown } from "../output/objects";
import { harmless, NOTHING } from "../output/values";
import type { Call } from "../verb";

/** One row: a place that is not as the chart says. */
interface Row {
  readonly surveyed: Surveyed;
  readonly planned: Planned;
}

/** Shows what a lock of a release would do. @returns 1 if something could not be looked at */
export async function plan(call: Call): Promise<number> {
  const { flags, stdout, stderr } = call;
  const rows = new Listing<Row>(shapeOf(call), flags, stdout);
  const { filename, mode } = flags;
  const asked = filename === undefined && mode === undefined ? undefined : askedSpec(flags);
  const told: string[] = [];
  const onRelease = async (surveyed: Surveyed) => {
    const { inspection } = surveyed;
    if (inspection.phase.stance !== "lock") {
      if (isGone(inspection.phase)) told.push(phaseWords(inspection.phase).message);
      return;
    }
    const all = inspection.findings.flatMap(planned);
    for (const one of all) rows.add({ surveyed, planned: one });
    const { policy } = inspection.lock;
    const idle = idleIn(
      policy.ignore,
      inspection.findings.map(({ look }) => look.tracked.desired),
    );
    told.push(
      headWords(surveyed, asked !== undefined),
      countWords(all, inspection.findings.filter(({ error }) => error !== undefined).length),
    );
    told.push(...inspection.untracked.map(untracked => `Not locked: ${untrackedWords(untracked)}`));
    told.push(...refusalWords(inspection.findings));
    if (idle.length > 0) told.push(idleWords(idle));
    told.push(...(await rightsWords(call, surveyed)));
  };
  const standingOf = (ruling: Ruling | undefined) => asked && triedStanding(asked, ruling);
  const { isPartial } = await survey(call, onRelease, {
    standingOf,
    leavesUntracked: true,
    triesWrites: true,
  });
  rows.end();
  if (told.length > 0) stderr.write(`${told.map(harmless).join("\n")}\n`);
  return isPartial ? 1 : 0;
}

/** How the release would be locked once lock was given the same flags. @throws UserError if nobody could follow that */
function triedStanding({ appliedTo }: AskedSpec, ruling: Ruling | undefined): Standing {
  const { helmRelease, standing = PLAIN } = ruling?.governor ?? {};
  try {
    return { ...standing, ...parsePolicy(appliedTo(helmRelease?.spec)), isForced: false };
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw new UserError(error.message, { cause: error });
  }
}

function headWords({ inspection: { lock, release }, ruling }: Surveyed, isTried: boolean): string {
  const name = isTried ? undefined : ruling?.governor.helmRelease.metadata.name;
  const who =
    name === undefined
      ? `A lock of ${releaseKey(release)}`
      : `HelmRelease ${name}, which locks ${releaseKey(release)},`;
  return `${who} does this${modeWords(lock.policy)}.`;
}

function countWords(all: readonly Planned[], unread: number): string {
  const count = (...verdicts: Verdict["is"][]) =>
    all.filter(({ verdict }) => verdicts.includes(verdict.is)).length;
  const staying = count("stays", "being deleted");
  const parts = [
    [count("goes back", "unsure"), "to put back"],
    [count("created"), "to create"],
    [count("left", "a controller's"), "to leave"],
    [staying, staying === 1 ? "that stays as it is" : "that stay as they are"],
  ] as const;
  const told = [...parts, [unread, "that could not be looked at"] as const]
    .filter(([number]) => number > 0)
    .map(([number, what]) => `${number} ${what}`);
  return told.length === 0 ? "Nothing to do." : `${told.join(", ")}.`;
}

/** Which rights are lacking, and how to give them. */
async function rightsWords({ flags }: Call, { cluster, inspection }: Surveyed): Promise<string[]> {
  try {
    const operator = await operatorIn(cluster, flags.serviceAccount);
    const lacking = await lackingFor(inspection, operator, cluster);
    const accounts = accountsFor(inspection, operator).map(accountWords);
    if (lacking.length === 0)
      return [
        `${accounts.join(" and ")} ${accounts.length > 1 ? "have" : "has"} every right that this takes.`,
      ];
    return lacking.map(grant => withAdvice(`${accountWords(grant.to)} may not ${rightWords(grant)}`, grant));
  } catch (error) {
    if (!(error instanceof UserError || error instanceof ForbiddenError)) throw error;
    return [`Whether the operator has the rights that this takes is not known: ${causeWords(error)}`];
  }
}

function rightWords({ rule: { verbs, resources, apiGroups } }: Lacking): string {
  const [group = ""] = apiGroups;
  return `${verbs.join(", ")} ${resources.join(", ")}${group === "" ? "" : `.${group}`}`;
}

function shapeOf({ flags }: Call): Shape<Row> {
  const valueOf = ({ planned: one }: Row, of: "chart" | "live") =>
    shown(one[of], one.tracked.desired, flags.showSecrets);
  const hasValues = ({ planned: { field } }: Row) => field !== "";
  const columns: Column<Row>[] = [
    ...contextColumns<Row>(flags, ({ surveyed }) => surveyed.context),
    {
      title: "OBJECT",
      text: ({ planned: one, surveyed }, isWide) =>
        objectText(one.tracked.desired, isWide ? undefined : surveyed.inspection.release.namespace),
    },
    { title: "FIELD", text: ({ planned: { field } }, isWide) => fieldIn(field, isWide) },
    valueColumn("CHART", row => valueOf(row, "chart"), hasValues),
    valueColumn("LIVE", row => valueOf(row, "live"), hasValues),
    { title: "BY", text: ({ planned: { writer } }) => writer ?? NOTHING },
    { title: "PLAN", text: ({ planned: one }) => verdictWords(one.verdict, one.tracked) },
  ];
  const object = (row: Row) => {
    const { surveyed, planned: one } = row;
    const { inspection, context } = surveyed;
    return {
      context,
      release: inspection.release,
      revision: inspection.lock.record?.revision,
      object: objectRef(one.tracked.desired),
      ...(one.field === ""
        ? {}
        : { field: one.field, chart: valueOf(row, "chart"), live: valueOf(row, "live") }),
      writer: one.writer,
      since: one.since,
      verdict: verdictWords(one.verdict, one.tracked),
    };
  };
  return { columns, object, name: ({ planned: one }) => resourceText(one.tracked.desired) };
}
