import { isOurs } from "../../capabilities/drift/reasons";
import { isOwnedBy } from "../../capabilities/release/ownership";
import { releaseKey } from "../../capabilities/release/release";
import { phaseWords } from "../../capabilities/report/phase-words";
import { nameOf } from "../../capabilities/report/words";
import type { Ruling } from "../access/locks";
import { modeWords } from "./lock-words";
import { becauseOf } from "./explanation";
import type { Subject } from "./holders";
import type { Finding, Inspection } from "./inspector";
import { verdictOfWhole } from "./planned";
import { causeOf } from "./survey";
import { verdictWords } from "./verdict";

/** A release that tracks an object, what was found of that, and what locks the release. */
export interface Tracking {
  readonly inspection: Inspection;
  /** Undefined if the release was not looked at. */
  readonly finding: Finding | undefined;
  readonly ruling: Ruling | undefined;
}

/** Whether the release has the object, or would have it. */
export function hasIt({ finding }: Tracking): boolean {
  const because = finding && becauseOf(finding.operation);
  return finding !== undefined && (isOurs(because) || because?.is === "ignored");
}

/** Whether a release has an object that it tracks, why, and what becomes of it as a whole. */
export function holderWords(subject: Subject, tracking: Tracking): string {
  const { inspection, finding } = tracking;
  const release = releaseKey(inspection.release);
  if (!finding) return `Release ${release} tracks it, but: ${phaseWords(inspection.phase).message}`;
  const { tracked } = finding.look;
  if (finding.error !== undefined)
    return `${nameOf(tracked.desired)}: ${causeOf(finding.error, tracked.desired)}`;
  const whole = verdictOfWhole(finding);
  const fate = whole ? verdictWords(whole, tracked) : "";
  const what = `${nameOf(tracked.desired)} is in the record of release ${release}, revision ${inspection.lock.record?.revision ?? 0}`;
  if (!subject.live) return `${what}, and is missing: ${fate}. ${lockWords(tracking)}`;
  if (!hasIt(tracking)) return `${what}, which does not hold it: ${fate}.`;
  const why = isOwnedBy(subject.live, inspection.release)
    ? "and names this release, which holds it"
    : "which holds it";
  return `${what}, ${why}${whole ? `: ${fate}` : ""}. ${lockWords(tracking)}`;
}

function lockWords({ inspection: { lock }, ruling }: Tracking): string {
  const name = ruling?.governor.helmRelease.metadata.name;
  return name === undefined
    ? "No HelmRelease locks it: this is what a lock would do."
    : `HelmRelease ${name} locks it${modeWords(lock.policy)}.`;
}
