import { isDeepStrictEqual } from "node:util";
import { lockerPolicySchema, type LockerPolicyObject } from "../../crds/helm-locker-policy";
import type { HelmRelease } from "../../crds/helm-release";
import type { Cluster } from "../cluster/k8s";
import { toSeconds } from "../kube/time";
import { policyStatusOf, type PolicyFacts } from "../report/locker-policy-status";
import { unwatchedWords } from "../report/problem-words";
import type { Reporter } from "../report/reporter";
import type { Assignments } from "../state/assignments";
import { MANAGED_BY_ANNOTATION, policyLabelOf } from "../state/claim";
import type { HelmReleases } from "../state/helm-releases";
import { LOCKER_POLICIES, type LockerPolicies } from "../state/locker-policies";
import type { Store } from "../state/store";
import { NAMESPACES_WATCHED, RECORDS_WATCHED } from "../state/watched";
import type { Controller, Request, Result } from "../work/controller";

/** Least time between two writes of one policy's status, in milliseconds. */
const INTERVAL = 1_000;

/** What is known of policies, and where failures are reported. */
interface Parts {
  readonly cluster: Cluster;
  readonly reporter: Reporter;
  readonly store: Store;
  readonly helmReleases: HelmReleases;
  readonly lockerPolicies: LockerPolicies;
  readonly assignments: Assignments;
  readonly controllerName: string;
}

/** Claims HelmLockerPolicies that nobody has claimed, and writes their status: at most once a second each. */
export class LockerPolicyController implements Controller {
  readonly #parts: Parts;
  /** performance.now() when a status was last written. */
  readonly #written = new Map<string, number>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async reconcile({ name }: Request): Promise<Result> {
    const { lockerPolicies } = this.#parts;
    if (!(await this.#claimed(name))) {
      this.#written.delete(name);
      return undefined;
    }
    const retryAfter = (this.#written.get(name) ?? -Infinity) + INTERVAL - performance.now();
    if (retryAfter > 0) return { retryAfter };
    const object = lockerPolicies.get(name);
    if (object) await this.#write(object);
    return undefined;
  }

  failed({ name }: Request, error: unknown): void {
    this.#parts.reporter.troubled(
      "can't claim HelmLockerPolicy {name}, or write its status",
      { name },
      error,
    );
  }

  /** Whether a policy is ours. Claims it if it is nobody's, so that no other controller acts on it at the same time. */
  async #claimed(name: string): Promise<boolean> {
    const { cluster, lockerPolicies, controllerName } = this.#parts;
    const object = lockerPolicies.our(name);
    if (!object) return false;
    const { namespace, resourceVersion, annotations } = object.metadata;
    if (annotations?.[MANAGED_BY_ANNOTATION] !== undefined) return true;
    const claim = { [MANAGED_BY_ANNOTATION]: controllerName };
    const metadata = { name, namespace, resourceVersion, annotations: claim };
    lockerPolicies.update(
      lockerPolicySchema.parse(await cluster.K8s(LOCKER_POLICIES).Merge({ metadata }, {})),
    );
    return true;
  }

  async #write(object: LockerPolicyObject): Promise<void> {
    const { cluster, lockerPolicies } = this.#parts;
    const { name, namespace } = object.metadata;
    const status = policyStatusOf(object, this.#factsOf(name), toSeconds(Date.now()));
    if (isDeepStrictEqual(object.status, status)) return;
    this.#written.set(name, performance.now());
    const reply = await cluster.K8s(LOCKER_POLICIES, { name, namespace }).PatchStatus(status);
    lockerPolicies.update(lockerPolicySchema.parse(reply));
  }

  #factsOf(name: string): PolicyFacts {
    const { lockerPolicies, assignments, helmReleases } = this.#parts;
    const read = lockerPolicies.read(name);
    const policy = read && "policy" in read ? read.policy : undefined;
    const made = [...helmReleases.all()].filter(one => policyLabelOf(one) === name);
    return {
      problem: read && "reason" in read ? read.reason : undefined,
      obstacle: policy?.obstacle,
      unseen: this.#unseen(policy?.needsNamespaces === true),
      matched: assignments.matched(name),
      locked: made.filter(isLocked).length,
      newlyDiffered: this.#newlyDiffered(made),
      failures: assignments.failures(name),
    };
  }

  #unseen(needsNamespaces: boolean): string[] {
    const watched = [...RECORDS_WATCHED, ...(needsNamespaces ? [NAMESPACES_WATCHED] : [])];
    return watched.flatMap(key => {
      const watching = this.#parts.store.watching(key);
      return watching?.is === "failed" ? unwatchedWords(watching.watched, watching.error) : [];
    });
  }

  /** Counts the objects of what was made, once their first look has told of them. */
  #newlyDiffered(made: readonly HelmRelease[]): number {
    return made
      .filter(one => one.status?.objects && this.#parts.assignments.count(one.metadata.name))
      .reduce((sum, one) => sum + differedIn(one), 0);
  }
}

/** Whether the lock of a HelmRelease is in effect, in whichever mode. */
function isLocked({ status }: HelmRelease): boolean {
  return status?.state === "Deployed";
}

/** What differs and stands, and what was reverted. */
function differedIn({ status }: HelmRelease): number {
  const reverted = (status?.history ?? []).filter(({ action }) => action === "Reverted");
  return (status?.objects?.drifted ?? 0) + new Set(reverted.map(({ object }) => object)).size;
}
