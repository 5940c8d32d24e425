import type { HelmRelease } from "../../crds/helm-release";
import { releaseKey, type ReleaseRef } from "../../capabilities/release/release";
import { conditionOf, isFollowed } from "../access/conditions";
import { readDuration } from "../access/durations";
import { untilLocks } from "../access/follower";
import { helmReleasesIn, Locks } from "../access/locks";
import { UserError } from "../errors";
import { STATES } from "../flags";
import { harmless } from "../output/values";
import type { Call } from "../verb";
import { onSite, releaseOfCall, resourceOf, rulingOf } from "./governed";

/** What can be waited for. */
interface State {
  readonly is: (helmRelease: HelmRelease) => boolean;
  readonly words: string;
  readonly denied: string;
  /** The condition that says first what stands against it, if it holds. */
  readonly against?: string;
}

const AWAITED = {
  locked: {
    is: helmRelease => says(helmRelease, "Locked", "True") && says(helmRelease, "Ready", "True"),
    words: "is locked",
    denied: "is not locked",
  },
  "no-drift": {
    is: helmRelease => says(helmRelease, "Drifted", "False"),
    words: "has no drift",
    denied: "is not without drift",
    against: "Drifted",
  },
  suspended: {
    is: helmRelease => says(helmRelease, "Suspended", "True"),
    words: "is suspended",
    denied: "is not suspended",
  },
} satisfies Record<(typeof STATES)[number], State>;

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
        `release ${releaseKey(release)} ${state.denied} after ${flags.timeout}: ${whyNot(last, state)}`,
      );
    stdout.write(`${harmless(resourceOf(found))} ${state.words}\n`);
    return 0;
  });
}

function stateOf(text: string | undefined): State {
  const name = STATES.find(one => one === text);
  if (name === undefined) throw new UserError(`--for is missing: it is one of ${STATES.join(", ")}`);
  return AWAITED[name];
}

/** @throws UserError if there is none any more */
function governorIn(locks: Locks, release: ReleaseRef, before: HelmRelease): HelmRelease {
  const ruling = locks.of(release);
  if (ruling) return ruling.governor.helmRelease;
  throw new UserError(
    `HelmRelease ${before.metadata.name} no longer locks release ${releaseKey(release)}, nor does another one`,
  );
}

function says(helmRelease: HelmRelease, type: string, status: string): boolean {
  return conditionOf(helmRelease, type)?.status === status;
}

/** What stands against it. */
function whyNot(helmRelease: HelmRelease, { against = "" }: State): string {
  const { name } = helmRelease.metadata;
  if (!helmRelease.status) return `no locker has said anything of HelmRelease ${name}: is one running?`;
  if (!isFollowed(helmRelease))
    return `no locker has followed what HelmRelease ${name} says now: is one running?`;
  const type = says(helmRelease, against, "True") ? against : "Ready";
  return conditionOf(helmRelease, type)?.message ?? "the status does not say why";
}
