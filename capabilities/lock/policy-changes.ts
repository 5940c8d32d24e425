import { isDeepStrictEqual } from "node:util";
import type { HelmRelease } from "../../crds/helm-release";
import type { LockerPolicyObject } from "../../crds/helm-locker-policy";
import { canBeRelease, type ReleaseRef } from "../release/release";
import { policyLabelOf } from "../state/claim";
import { namedRelease, type HelmReleases } from "../state/helm-releases";
import type { KnownReleases } from "../state/known-releases";
import type { LockerPolicies } from "../state/locker-policies";
import type { Namespace } from "../state/namespaces";
import { toAssign, toFollowPolicy } from "../state/requests";
import type { Queue } from "../work/queue";

/** What changes, and where what follows from it goes. */
interface Parts {
  readonly queue: Queue;
  readonly lockerPolicies: LockerPolicies;
  readonly helmReleases: HelmReleases;
  readonly releases: KnownReleases;
  /** Lists all records anew. */
  readonly relist: () => void;
  /** Follows namespaces, or no longer. */
  readonly followNamespaces: (areNeeded: boolean) => void;
}

/** Asks for another look at the releases that a change may give to another policy, or to none. */
export class PolicyChanges {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A policy is new, has changed or is gone. */
  policy(object: LockerPolicyObject, before: LockerPolicyObject | undefined): void {
    this.#parts.queue.addNow(toFollowPolicy(object.metadata.name));
    const now = this.#parts.lockerPolicies.get(object.metadata.name);
    if (!isDeepStrictEqual(now && termsOf(now), before && termsOf(before))) this.all();
  }

  /** All that is to be known may be known now, or what decides has changed. */
  all(): void {
    const { lockerPolicies, helmReleases, releases, relist, followNamespaces, queue } = this.#parts;
    const isAsked = lockerPolicies.ours().length > 0;
    const policies = lockerPolicies.followed();
    const known = releases.all();
    followNamespaces(policies.some(({ needsNamespaces }) => needsNamespaces));
    if (releases.ask(isAsked ? new Set(policies.flatMap(({ labelKeys }) => labelKeys)) : undefined)) relist();
    for (const release of known) queue.addNow(toAssign(release));
    for (const helmRelease of helmReleases.all()) this.#generated(helmRelease);
    for (const { metadata } of lockerPolicies.ours()) queue.add(toFollowPolicy(metadata.name));
  }

  /** A namespace is new, has changed or is gone. */
  namespace({ metadata: { name } }: Namespace): void {
    const { releases, queue } = this.#parts;
    for (const release of releases.all()) if (release.namespace === name) queue.addNow(toAssign(release));
  }

  /** A HelmRelease is new, has changed or is gone. */
  helmRelease(helmRelease: HelmRelease, before: HelmRelease | undefined): void {
    const { lockerPolicies, queue } = this.#parts;
    this.#generated(helmRelease);
    const policy = policyLabelOf(helmRelease);
    if (policy !== undefined) queue.add(toFollowPolicy(policy));
    if (lockerPolicies.ours().length === 0) return;
    for (const release of [helmRelease, before].flatMap(one => (one && namedRelease(one)) ?? []))
      queue.addNow(toAssign(release));
  }

  /** A HelmRelease of a policy stands for the release that its name is of, whatever it says. */
  #generated(helmRelease: HelmRelease): void {
    const release = policyLabelOf(helmRelease) === undefined ? undefined : releaseIn(helmRelease);
    if (release) this.#parts.queue.addNow(toAssign(release));
  }
}

function releaseIn(helmRelease: HelmRelease): ReleaseRef | undefined {
  const [namespace = "", ...rest] = helmRelease.metadata.name.split(".");
  const release = { namespace, name: rest.join(".") };
  return namedRelease(helmRelease) ?? (canBeRelease(release) ? release : undefined);
}

/** What of a policy counts. */
function termsOf({ metadata: { uid, generation, deletionTimestamp, annotations } }: LockerPolicyObject) {
  return { uid, generation, isLeaving: deletionTimestamp !== undefined, annotations };
}
