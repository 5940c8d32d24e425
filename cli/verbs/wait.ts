import type { Condition, HelmRelease } from "../../crds/helm-release";
import { releaseKey, type ReleaseRef } from "../../capabilities/release/release";
import { readDuration } from "../access/durations";
import { untilLocks } from "../access/follower";
import { helmReleasesIn, Locks } from "../access/locks";
import { UserError } from "../errors";
import { harmless } from "../output/values";
import type { Call } from "../verb";
import { onSite, releaseOfCall, resourceOf, rulingOf } from "./governed";

/** What can be waited for. */
const STATES = {
  locked: {
    is: (helmRelease: HelmRelease) =>
      says(helmRelease, "Locked", "True") && says(helmRelease, "Ready", "True"),
    words: "is locked",
    denied: "is not locked",
  },
  "no-drift": {
    is: (helmRelease: HelmRelease) => says(helmRelease, "Drifted", "False"),
    words: "has no drift",
    denied: "is not known to have no drift",
  },
  suspended: {
    is: (helmRelease: HelmRelease) => says(helmRelease, "Suspended", "True"),
    words: "is suspended",
    denied: "is not suspended",
  },
} as const;

/** Waits for a state of a lock. @throws UserError if the time is over first, or the HelmRelease is deleted */
export async function wait(call: Call): Promise<number> {
  const { flags, stdout } = call;
  const milliseconds = readDuration("--timeout", flags.timeout);
  const state = stateOf(flags.for);
  return onSite(call, async (place, namespace) => {
    const release = releaseOfCall(call, namespace);
    const locks = new Locks(await helmReleasesIn(place.cluster, place.namespace));
    let last = rulingOf(locks, release, call).governor.helmRelease;
    const look = (now: Locks) => {
      last = governorIn(now, release, last);
      return isFollowed(last) && state.is(last) ? last : undefined;
    };
    const found = look(locks) ?? (await untilLocks(place, milliseconds, look));
    if (!found)
      throw new UserError(
        `release ${releaseKey(release)} ${state.denied} after ${flags.timeout}: ${whyNot(last)}`,
      );
    stdout.write(`${harmless(resourceOf(found))} ${state.words}\n`);
    return 0;
  });
}

function stateOf(text: string | undefined): (typeof STATES)[keyof typeof STATES] {
  const names = Object.keys(STATES).join(", ");
  if (text === undefined) throw new UserError(`--for is missing: it is one of ${names}`);
  if (text === "locked" || text === "no-drift" || text === "suspended") return STATES[text];
  throw new UserError(`--for "${text}" is no state: it is one of ${names}`);
}

/** @throws UserError if there is none any more */
function governorIn(locks: Locks, release: ReleaseRef, before: HelmRelease): HelmRelease {
  const ruling = locks.of(release);
  if (ruling) return ruling.governor.helmRelease;
  throw new UserError(
    `HelmRelease ${before.metadata.name} no longer locks release ${releaseKey(release)}, nor does another one`,
  );
}

/** Whether its status tells of its spec as it is. */
function isFollowed({ metadata, status }: HelmRelease): boolean {
  return (status?.observedGeneration ?? -1) === metadata.generation;
}

function says(helmRelease: HelmRelease, type: string, status: string): boolean {
  return conditionOf(helmRelease, type)?.status === status;
}

function conditionOf({ status }: HelmRelease, type: string): Condition | undefined {
  return status?.conditions?.find(one => one.type === type);
}

/** What stands against it. */
function whyNot(helmRelease: HelmRelease): string {
  const { name } = helmRelease.metadata;
  if (!helmRelease.status) return `no locker has said anything of HelmRelease ${name}: is one running?`;
  if (!isFollowed(helmRelease))
    return `no locker has followed what HelmRelease ${name} says now: is one running?`;
  const drifted = conditionOf(helmRelease, "Drifted");
  const against = drifted?.status === "True" ? drifted : conditionOf(helmRelease, "Ready");
  return against?.message ?? "the status does not say why";
}
