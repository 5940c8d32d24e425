import { helmReleaseSchema } from "../../crds/helm-release";
import type { Cluster } from "../cluster/k8s";
import { releaseKey, type ReleaseRef } from "../release/release";
import type { Reporter } from "../report/reporter";
import { ALLOW_CREATE_ANNOTATION, claimOf, MANAGED_BY_ANNOTATION, type Claim } from "../state/claim";
import { lookAtContested } from "../state/contested";
import { HELM_RELEASES, type HelmReleases } from "../state/helm-releases";
import type { Lock } from "../state/lock";
import { toLoad, toLookAt } from "../state/requests";
import type { Store } from "../state/store";
import { doubt } from "../state/tracked";
import type { Controller, Request, Result } from "../work/controller";
import type { Queue } from "../work/queue";

/** What claims HelmReleases, and where their requests go. */
interface Parts {
  readonly cluster: Cluster;
  readonly helmReleases: HelmReleases;
  readonly store: Store;
  readonly queue: Queue;
  readonly reporter: Reporter;
  readonly controllerName: string;
}

/** Brings the locks in line with one HelmRelease: locks, unlocks, claims it, lets it go. */
export class RegistrationController implements Controller {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async reconcile({ name }: Request): Promise<Result> {
    const claim = await this.#claimed(name);
    this.#relock(name, claim?.is === "valid" ? claim.release : undefined);
    if (claim?.is === "invalid") this.#parts.reporter.status(name);
    if (claim?.is === "leaving") await this.#letGo(name, claim.finalizer);
    return undefined;
  }

  failed({ name }: Request, error: unknown): void {
    this.#parts.reporter.troubled("registrar", `can't register HelmRelease ${name} yet`, error);
  }

  #relock(name: string, release: ReleaseRef | undefined): void {
    const { store, queue, reporter } = this.#parts;
    const before = store.lockFor(name);
    if (before && release && releaseKey(before.release) === releaseKey(release)) {
      this.#readPermission(before);
      return;
    }
    if (before) {
      store.unregister(name, before);
      this.#readPermission(before);
      lookAtContested(before.release, this.#parts);
      reporter.unlocked(name, before);
    }
    if (!release) return;
    const lock = store.register(name, release);
    this.#readPermission(lock);
    reporter.statusOf(lock);
    queue.addNow(toLoad(release));
  }

  /** If the permission to create changes, objects that were left as they are need another look. */
  #readPermission(lock: Lock): void {
    const { helmReleases, store, queue } = this.#parts;
    const allowsCreate = [...lock.helmReleases].some(
      name => helmReleases.get(name)?.metadata.annotations?.[ALLOW_CREATE_ANNOTATION] === "true",
    );
    if (lock.allowsCreate === allowsCreate) return;
    store.allow(lock, allowsCreate);
    lookAtContested(lock.release, this.#parts);
    for (const tracked of lock.objects.values()) {
      if (tracked.problem === undefined) continue;
      doubt(tracked);
      if (store.isDue(lock)) queue.add(toLookAt(tracked));
    }
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

  async #letGo(name: string, finalizer: number | undefined): Promise<void> {
    const { cluster, helmReleases } = this.#parts;
    const helmRelease = helmReleases.get(name);
    if (!helmRelease || finalizer === undefined) return;
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
