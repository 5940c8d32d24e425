import { helmReleaseSchema, type HelmRelease } from "../../crds/helm-release";
import type { Cluster } from "../cluster/k8s";
import { releaseKey, type ReleaseRef } from "../release/release";
import type { Reporter } from "../report/reporter";
import type { Rank } from "../standby/rank";
import {
  claimOf,
  MANAGED_BY_ANNOTATION,
  readPolicy,
  standingOf,
  type Claim,
  type PolicyRead,
} from "../state/claim";
import { lookAtContested } from "../state/contested";
import { HELM_RELEASES, type HelmReleases } from "../state/helm-releases";
import { toLoad } from "../state/requests";
import type { Standing } from "../state/standing";
import type { Store } from "../state/store";
import type { Controller, Request, Result } from "../work/controller";
import type { Queue } from "../work/queue";
import type { Memories } from "./memories";
import type { Policies } from "./policies";

/** What claims HelmReleases, and where their requests go. */
interface Parts {
  readonly cluster: Cluster;
  readonly helmReleases: HelmReleases;
  readonly store: Store;
  readonly queue: Queue;
  readonly reporter: Reporter;
  readonly policies: Policies;
  readonly memories: Memories;
  readonly rank: Pick<Rank, "isAlone" | "patience">;
  readonly controllerName: string;
  /** The ServiceAccount that writes where a HelmRelease names none; undefined: the locker's own. */
  readonly defaultServiceAccount: string | undefined;
}

/** What a HelmRelease asks for. */
interface Asked {
  readonly release: ReleaseRef;
  readonly standing: Standing;
}

/** Brings the locks in line with one HelmRelease: locks, unlocks, claims it, lets it go. */
export class RegistrationController implements Controller {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async reconcile({ name }: Request, attempt: number): Promise<Result> {
    const left = this.#leave(attempt);
    if (left && this.#isUnclaimed(name)) return left;
    const claim = await this.#claimed(name);
    this.#relock(name, await this.#asked(name, claim));
    this.#share(name);
    if (claim?.is === "invalid") this.#parts.reporter.status(name);
    if (claim?.is !== "leaving" || claim.finalizer === undefined) return undefined;
    if (!left) await this.#letGo(name, claim.finalizer);
    return left;
  }

  failed({ name }: Request, error: unknown): void {
    this.#parts.reporter.troubled("can't register HelmRelease {name} yet", { name }, error);
  }

  /** What counts of what a HelmRelease asks for: where its spec can't be followed, that is what it asked for before. */
  async #asked(name: string, claim: Claim | undefined): Promise<Asked | undefined> {
    const helmRelease = this.#parts.helmReleases.get(name);
    if (!helmRelease || claim === undefined || !("release" in claim) || !claim.release) return undefined;
    const { release } = claim;
    const read = claim.is === "valid" ? claim : await this.#before(helmRelease, release);
    const isForced = claim.is === "invalid" && claim.suspends;
    return read && { release, standing: standingOf(helmRelease, this.#completed(read), isForced) };
  }

  #completed({ policy, spec }: PolicyRead): PolicyRead {
    const serviceAccount = policy.serviceAccount ?? this.#parts.defaultServiceAccount;
    return { policy: { ...policy, serviceAccount }, spec };
  }

  /** What a HelmRelease asked for before; undefined if it did not lock this release. */
  async #before({ metadata }: HelmRelease, release: ReleaseRef): Promise<PolicyRead | undefined> {
    const { store, memories } = this.#parts;
    const before = store.lockOf(release)?.helmReleases.get(metadata.name);
    const spec = before?.uid === metadata.uid ? before?.spec : undefined;
    return readPolicy(spec ?? (await memories.specOf(metadata.name, release)));
  }

  #relock(name: string, asked: Asked | undefined): void {
    const { store, policies, queue, reporter } = this.#parts;
    const before = store.lockFor(name);
    if (before && (!asked || releaseKey(before.release) !== releaseKey(asked.release))) {
      policies.unregister(name, before);
      lookAtContested(before.release, this.#parts);
      reporter.unlocked(name, before);
    }
    if (!asked) return;
    const lock = policies.register(name, asked.release, asked.standing);
    if (before !== lock) queue.addNow(toLoad(asked.release));
  }

  /** What other lockers have put right, only the status tells. */
  #share(name: string): void {
    const { store, memories, rank } = this.#parts;
    const lock = rank.isAlone ? undefined : store.lockFor(name);
    if (lock) memories.recallHistory(lock, name);
  }

  /** Leaves what is to be written to other lockers, for a while. */
  #leave(attempt: number): Result {
    const { patience } = this.#parts.rank;
    return attempt === 1 && patience > 0 ? { retryAfter: patience, newsAfter: 0 } : undefined;
  }

  #isUnclaimed(name: string): boolean {
    const claim = this.#claim(name);
    return claim !== undefined && "unclaimed" in claim && claim.unclaimed;
  }

  #claim(name: string): Claim | undefined {
    const helmRelease = this.#parts.helmReleases.get(name);
    return helmRelease && claimOf(helmRelease, this.#parts.controllerName);
  }

  /** Claims a HelmRelease that nobody has claimed yet, so that no other controller acts on it at the same time. */
  async #claimed(name: string): Promise<Claim | undefined> {
    const { cluster, helmReleases, controllerName } = this.#parts;
    const helmRelease = helmReleases.get(name);
    const claim = this.#claim(name);
    if (!helmRelease || !(claim?.is === "valid" || claim?.is === "invalid") || !claim.unclaimed) return claim;
    const { namespace, resourceVersion } = helmRelease.metadata;
    const annotations = { [MANAGED_BY_ANNOTATION]: controllerName };
    const metadata = { name, namespace, resourceVersion, annotations };
    const reply = await cluster.K8s(HELM_RELEASES).Merge({ metadata }, {});
    helmReleases.update(helmReleaseSchema.parse(reply));
    return this.#claim(name);
  }

  async #letGo(name: string, finalizer: number): Promise<void> {
    const { cluster, helmReleases } = this.#parts;
    const helmRelease = helmReleases.get(name);
    if (!helmRelease) return;
    const { namespace, resourceVersion = "" } = helmRelease.metadata;
    await cluster.K8s(HELM_RELEASES, { name, namespace }).Patch(
      [
        { op: "test", path: "/metadata/resourceVersion", value: resourceVersion },
        { op: "remove", path: `/metadata/finalizers/${finalizer}` },
      ],
      { fieldManager: "helm-locker" },
    );
  }
}
