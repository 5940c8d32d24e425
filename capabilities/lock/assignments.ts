import { helmReleaseSchema, type HelmRelease } from "../../crds/helm-release";
import type { Cluster } from "../cluster/k8s";
import type { WriteConfig } from "../cluster/write-config";
import type { Precondition } from "../kube/version";
import { ConflictError, NotFoundError } from "../cluster/errors";
import type { LockerPolicy } from "../policy/locker-policy";
import { releaseKey, releaseOfKey, type ReleaseRef } from "../release/release";
import type { Revisions } from "../release/revisions";
import type { Reporter } from "../report/reporter";
import type { Assignments } from "../state/assignments";
import { isForeign, policyLabelOf } from "../state/claim";
import { HELM_RELEASES, type HelmReleases } from "../state/helm-releases";
import type { KnownReleases } from "../state/known-releases";
import type { LockerPolicies } from "../state/locker-policies";
import type { Namespaces } from "../state/namespaces";
import { toFollowPolicy } from "../state/requests";
import type { Controller, Request, Result } from "../work/controller";
import type { Queue } from "../work/queue";
import { Departures } from "./departures";
import { generate, generatedFor, generatedNames, isGenerated, type Generated } from "./generated";
import type { GitOps } from "./gitops";

/** Milliseconds between two HelmReleases that policies make: ten a second. */
const BETWEEN = 100;

/** Milliseconds until a HelmRelease that was just made is looked for again. */
const UNTIL_SEEN = 500;

/** The owner of what a policy says of a HelmRelease: what people add to it stays theirs. */
const FIELD_MANAGER = "helm-locker-policy";

/** What is known, and where it goes. */
interface Parts {
  readonly cluster: Cluster;
  readonly queue: Queue;
  readonly reporter: Reporter;
  readonly helmReleases: HelmReleases;
  readonly lockerPolicies: LockerPolicies;
  readonly releases: KnownReleases;
  readonly revisions: Revisions;
  readonly namespaces: Namespaces;
  readonly assignments: Assignments;
  readonly gitOps: GitOps;
  readonly controllerName: string;
  /** "namespace/name" of the locker's own release. */
  readonly ownRelease: string | undefined;
}

/** Brings the HelmRelease that policies make for a release in line with them. */
export class AssignmentController implements Controller {
  readonly #parts: Parts;
  /** By release. */
  readonly #departures = new Departures(BETWEEN);

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async reconcile({ name: key }: Request): Promise<Result> {
    if (!this.#isSure()) return undefined;
    const release = releaseOfKey(key);
    const generated = generatedFor(release, name => this.#parts.helmReleases.get(name));
    if (this.#isToStay(release, generated)) return undefined;
    const winner = await this.#winner(release, generated);
    this.#note(release, winner);
    const isHandmade = this.#isHandmade(release);
    const [kept, ...others] = generated;
    const keeps = winner !== undefined && !isHandmade;
    for (const helmRelease of keeps ? others : generated) await this.#delete(helmRelease);
    if (keeps) return this.#bring(winner, release, kept);
    this.#departures.end(key);
    return undefined;
  }

  failed({ name: key }: Request, error: unknown): void {
    const { assignments, queue, reporter } = this.#parts;
    reporter.troubled("can't bring release {release} in line with policies yet", { release: key }, error);
    const policy = assignments.fail(key, error);
    if (policy !== undefined) queue.add(toFollowPolicy(policy));
  }

  /** Whether all that decides is known. Without policies, nothing but that is to be known. */
  #isSure(): boolean {
    const { lockerPolicies, helmReleases, releases, namespaces } = this.#parts;
    if (!lockerPolicies.areListed || !helmReleases.areListed) return false;
    const policies = lockerPolicies.followed();
    if (policies.length > 0 && !releases.areComplete) return false;
    return namespaces.areListed || !policies.some(({ needsNamespaces }) => needsNamespaces);
  }

  /** Whether what is locked stays as it is: a policy can't be followed, another controller has it, or Helm is at work. */
  #isToStay(release: ReleaseRef, generated: readonly HelmRelease[]): boolean {
    const { lockerPolicies, releases, controllerName } = this.#parts;
    const isBroken = (helmRelease: HelmRelease) => {
      const read = lockerPolicies.read(policyLabelOf(helmRelease) ?? "");
      return read !== undefined && "reason" in read;
    };
    if (generated.some(one => isForeign(one, controllerName))) return true;
    if (this.#isHandmade(release)) return false;
    const isUnsure = lockerPolicies.followed().length > 0 && releases.presence(release).is === "unsure";
    return isUnsure || generated.some(one => isBroken(one));
  }

  async #winner(release: ReleaseRef, generated: readonly HelmRelease[]): Promise<LockerPolicy | undefined> {
    const { lockerPolicies, releases, revisions, namespaces, gitOps, ownRelease } = this.#parts;
    const presence = releases.presence(release);
    if (presence.is !== "there" || revisions.areStale(release)) return undefined;
    const winnerIf = (isReserved: boolean) =>
      lockerPolicies.winner(
        { ...release, labels: presence.labels, isReserved },
        namespaces.candidate(release.namespace),
      );
    const [free, reserved] = [winnerIf(false), winnerIf(true)];
    if (free === reserved || releaseKey(release) === ownRelease) return reserved;
    // What it has locked already was looked at then.
    if (generated.some(one => policyLabelOf(one) === free?.name)) return free;
    return (await gitOps.manages(release)) ? reserved : free;
  }

  #note(release: ReleaseRef, winner: LockerPolicy | undefined): void {
    const { assignments, queue } = this.#parts;
    for (const name of assignments.assign(release, winner?.name)) queue.add(toFollowPolicy(name));
  }

  /** Whether a HelmRelease that no policy made names a release. */
  #isHandmade(release: ReleaseRef): boolean {
    return this.#parts.helmReleases
      .naming(release)
      .some(one => policyLabelOf(one) === undefined && one.metadata.deletionTimestamp === undefined);
  }

  async #bring(policy: LockerPolicy, release: ReleaseRef, live: HelmRelease | undefined): Promise<Result> {
    const { lockerPolicies, controllerName } = this.#parts;
    const object = lockerPolicies.get(policy.name);
    // It is made anew once it is gone.
    if (!object || live?.metadata.deletionTimestamp !== undefined) return undefined;
    const name = live?.metadata.name ?? this.#freeName(release);
    const wanted = generate(name, release, { policy, object, controllerName });
    return live ? this.#update(live, wanted) : this.#make(wanted);
  }

  async #update(live: HelmRelease, wanted: Generated): Promise<undefined> {
    if (isGenerated(live, wanted)) return;
    const { uid = "", resourceVersion = "" } = live.metadata;
    this.#parts.helmReleases.update(await this.#apply(wanted, { uid, resourceVersion }));
    this.#parts.reporter.info("HelmRelease {name} follows its policy", { name: wanted.metadata.name });
  }

  async #make(wanted: Generated): Promise<Result> {
    const { assignments, reporter } = this.#parts;
    const { name } = wanted.metadata;
    const retryAfter = this.#departures.wait(releaseKey(wanted.spec.release), performance.now());
    if (retryAfter > 0) return { retryAfter };
    try {
      await this.#apply(wanted, "absent");
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      // One of that name has just been made: the watch will tell.
      return { retryAfter: UNTIL_SEEN };
    }
    this.#departures.end(releaseKey(wanted.spec.release));
    assignments.made(name);
    reporter.info("HelmRelease {name} is made, as a policy asks for it", { name });
    return undefined;
  }

  async #apply(wanted: Generated, precondition: Precondition | "absent"): Promise<HelmRelease> {
    const config: WriteConfig = { fieldManager: FIELD_MANAGER, force: true, precondition };
    return helmReleaseSchema.parse(await this.#parts.cluster.K8s(HELM_RELEASES).Apply(wanted, config));
  }

  async #delete({
    metadata: { name, namespace, uid = "", resourceVersion = "" },
  }: HelmRelease): Promise<void> {
    const { cluster, reporter } = this.#parts;
    try {
      await cluster.K8s(HELM_RELEASES, { name, namespace }).Delete({ uid, resourceVersion }, {});
      reporter.info("HelmRelease {name} is deleted, as no policy asks for it any more", { name });
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
  }

  #freeName(release: ReleaseRef): string {
    const [first, second] = generatedNames(release);
    return this.#parts.helmReleases.get(first) ? second : first;
  }
}
