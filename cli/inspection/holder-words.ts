import { isOurs, type Reason } from "../../capabilities/drift/reasons";
import { isOwnedBy } from "../../capabilities/release/ownership";
import { releaseKey } from "../../capabilities/release/release";
import { phaseWords } from "../../capabilities/report/phase-words";
import { nameOf } from "../../capabilities/report/words";
import type { Ruling } from "../access/locks";
import { modeWords } from "./lock-words";
import { becauseOf } from "./explanation";
import type { Subject } from "./holders";
import type { Finding, Inspection } from "./finding";
import { verdictOfWhole } from "./planned";
import { causeOf } from "./refusal-words";
import { reasonWords, verdictWords } from "./verdict";

/** A release that tracks an object, what was found of that, and what locks the release. */
export interface Tracking {
  readonly inspection: Inspection;
  /** Undefined if the release was not looked at. */
  readonly finding: Finding | undefined;
  readonly ruling: Ruling | undefined;
  /** Whether it is known what locks the release. */
  readonly isRulingKnown: boolean;
}

/** Whether the release has the object, or would have it. */
export function hasIt(tracking: Tracking): boolean {
  return tracking.finding !== undefined && reasonLeft(tracking) === undefined;
}

/** Why the release does not have the object; undefined if it has. */
function reasonLeft({ finding }: Tracking): Reason | undefined {
  const because = finding && becauseOf(finding.operation);
  return isOurs(because) || because?.is === "ignored" ? undefined : because;
}

/** Whether a release has an object that it tracks, why, and what becomes of it as a whole. */
export function holderWords(subject: Subject, tracking: Tracking): string {
  const { inspection, finding } = tracking;
  const release = releaseKey(inspection.release);
  if (!finding) return `Release ${release} tracks it, but: ${phaseWords(inspection.phase).message}`;
  const { tracked } = finding.look;
  if (finding.error !== undefined)
    return `${nameOf(tracked.desired)}: ${causeOf(finding.error, tracked.desired)}`;
  const what = `${nameOf(tracked.desired)} is in the record of release ${release}, revision ${inspection.lock.record?.revision ?? 0}`;
  const left = reasonLeft(tracking);
  if (subject.live && left) return `${what}, which does not hold it: ${reasonWords(left, tracked)}.`;
  return `${what}${standWords(subject, finding)}. ${lockWords(tracking)}`;
}

function standWords({ live }: Subject, finding: Finding): string {
  const { tracked } = finding.look;
  const whole = verdictOfWhole(finding);
  const fate = whole ? `: ${verdictWords(whole, tracked)}` : "";
  if (!live) return `, and is missing${fate}`;
  const isNamed = isOwnedBy(live, tracked.lock.release);
  return `, ${isNamed ? "and names this release, which holds it" : "which holds it"}${fate}`;
}

function lockWords({ inspection: { lock }, ruling, isRulingKnown }: Tracking): string {
  const name = ruling?.governor.helmRelease.metadata.name;
  if (name !== undefined) return `HelmRelease ${name} locks it${modeWords(lock.policy)}.`;
  return isRulingKnown
    ? "No HelmRelease locks it: this is what a lock would do."
    : "Whether a HelmRelease locks it was not found out: this is what a lock without a policy would do.";
}
