import { helmReleaseSchema, type HelmRelease } from "../../crds/helm-release";
import { HELM_RELEASES } from "../cluster/helm-releases";
import { presenceKey } from "../cluster/watch";
import { isOlder, type Objects } from "../cluster/objects";
import { releaseKey, type ReleaseRef } from "../release/release";
import { viewOfInvalid, viewOfLock, type View } from "../report/status";
import { claimOf, MANAGED_BY_ANNOTATION, type Claim } from "./claim";
import { ALLOW_CREATE_ANNOTATION } from "./creation";
import type { Lock, Store } from "./store";

/** What claims and lets go of HelmReleases. */
type Writes = Pick<Objects, "merge" | "patch">;

/** How many HelmReleases that are gone are remembered: more than can go before the other watch has told of it. */
const REMEMBERED = 1_000;

/** What the registrar tells. */
export interface RegistrarEvents {
  /** A HelmRelease asks for a lock that it did not ask for before. */
  locked(lock: Lock, helmRelease: string): void;
  /** A HelmRelease no longer asks for a lock. */
  unlocked(lock: Lock, helmRelease: string): void;
  /** What may be created for a lock has changed. */
  permissionChanged(lock: Lock): void;
  /** A HelmRelease is not registered, and should say so. */
  invalid(helmRelease: string): void;
}

/** Knows the HelmReleases of the registration namespace and keeps the store's locks in line with them. */
export class Registrar {
  readonly #objects: Writes;
  readonly #store: Store;
  readonly #controllerName: string;
  readonly #events: RegistrarEvents;
  readonly #known = new Map<string, HelmRelease>();
  /** Uids of the last HelmReleases that went, for good: events of another watch may still come late. */
  readonly #gone = new Set<string | undefined>();

  constructor(parts: { objects: Writes; store: Store; controllerName: string; events: RegistrarEvents }) {
    this.#objects = parts.objects;
    this.#store = parts.store;
    this.#controllerName = parts.controllerName;
    this.#events = parts.events;
  }

  /** Notes a HelmRelease as it was read; what is older than what is known is no news. */
  note(helmRelease: HelmRelease): void {
    const { name, uid, resourceVersion = "" } = helmRelease.metadata;
    const known = this.#known.get(name)?.metadata;
    const isStale = known?.uid === uid && isOlder(resourceVersion, known?.resourceVersion ?? "");
    if (!this.#gone.has(uid) && !isStale) this.#known.set(name, helmRelease);
  }

  /** Notes that a HelmRelease is gone. */
  forget({ metadata: { name, uid } }: HelmRelease): void {
    this.#gone.add(uid);
    const [oldest] = this.#gone;
    if (this.#gone.size > REMEMBERED) this.#gone.delete(oldest);
    if (this.#known.get(name)?.metadata.uid === uid) this.#known.delete(name);
  }

  /**
   * The HelmReleases that are known and that a complete list does not show; newer ones than the list aside.
   *
   * @param present "namespace/name" of those listed
   * @param resourceVersion of the list
   */
  missing(present: ReadonlySet<string>, resourceVersion: string): HelmRelease[] {
    const isListed = ({ metadata }: HelmRelease) =>
      present.has(presenceKey(metadata.namespace, metadata.name)) ||
      isOlder(resourceVersion, metadata.resourceVersion ?? "");
    return [...this.#known.values()].filter(helmRelease => !isListed(helmRelease));
  }

  /** A HelmRelease as last noted. */
  get(name: string): HelmRelease | undefined {
    return this.#known.get(name);
  }

  /** What the status of a HelmRelease should say; undefined where it is not this controller's to say, or nothing is known yet. */
  viewOf(name: string): View | undefined {
    const claim = this.#claim(name);
    if (claim?.is === "invalid") return viewOfInvalid(claim.reason);
    const lock = claim?.is === "valid" ? this.#store.lockOf(claim.release) : undefined;
    return lock && viewOfLock(lock);
  }

  /**
   * Brings the locks in line with one HelmRelease: locks, unlocks, claims it, lets it go.
   *
   * @throws ApiError, NetworkError: to be tried again
   */
  async register(name: string): Promise<void> {
    const claim = await this.#claimed(name);
    this.#relock(name, claim?.is === "valid" ? claim.release : undefined);
    if (claim?.is === "invalid") this.#events.invalid(name);
    if (claim?.is === "leaving") await this.#letGo(name, claim.finalizer);
  }

  #relock(name: string, release: ReleaseRef | undefined): void {
    const before = this.#store.lockFor(name);
    if (before && release && releaseKey(before.release) === releaseKey(release)) {
      this.#readPermission(before);
      return;
    }
    if (before) {
      this.#store.unregister(name, before);
      this.#readPermission(before);
      this.#events.unlocked(before, name);
    }
    if (!release) return;
    const lock = this.#store.register(name, release);
    this.#readPermission(lock);
    this.#events.locked(lock, name);
  }

  #readPermission(lock: Lock): void {
    const allows = [...lock.helmReleases].some(
      name => this.get(name)?.metadata.annotations?.[ALLOW_CREATE_ANNOTATION] === "true",
    );
    if (lock.allowsCreate === allows) return;
    lock.allowsCreate = allows;
    this.#events.permissionChanged(lock);
  }

  #claim(name: string): Claim | undefined {
    const helmRelease = this.#known.get(name);
    return helmRelease && claimOf(helmRelease, this.#controllerName);
  }

  /** Claims a HelmRelease that nobody has claimed yet, so that no other controller acts on it at the same time. */
  async #claimed(name: string): Promise<Claim | undefined> {
    const helmRelease = this.#known.get(name);
    const claim = this.#claim(name);
    if (!helmRelease || !(claim?.is === "valid" || claim?.is === "invalid") || !claim.unclaimed) return claim;
    const { namespace, resourceVersion } = helmRelease.metadata;
    const metadata = { resourceVersion, annotations: { [MANAGED_BY_ANNOTATION]: this.#controllerName } };
    const reply = await this.#objects.merge(HELM_RELEASES, { name, namespace }, { metadata });
    this.note(helmReleaseSchema.parse(reply));
    return this.#claim(name);
  }

  async #letGo(name: string, finalizer: number | undefined): Promise<void> {
    const helmRelease = this.#known.get(name);
    if (!helmRelease || finalizer === undefined) return;
    const { namespace, resourceVersion = "" } = helmRelease.metadata;
    const patch = [
      { op: "test", path: "/metadata/resourceVersion", value: resourceVersion },
      { op: "remove", path: `/metadata/finalizers/${finalizer}` },
    ];
    await this.#objects.patch(HELM_RELEASES, { name, namespace }, patch, { manager: "helm-locker" });
  }
}
