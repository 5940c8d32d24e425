import type { Cluster } from "../cluster/k8s";
import { hexDigestOf } from "../kube/digest";
import { isLabel } from "../kube/kinds";
import { isFree, leaseOf, LEASES, readLease, type Lease } from "./lease";

/** Whose places they are, and where. */
interface Parts {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly controllerName: string;
  /** What distinguishes this locker from others; empty if it runs alone, and takes no place. */
  readonly identity: string;
}

/**
 * The places of lockers that run at the same time: a Lease each, from the first on. Every method may throw ApiError and NetworkError, and
 * those that write ConflictError where another locker was faster.
 */
export class Places {
  readonly #parts: Parts;
  readonly #seen = new Map<number, Lease>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Whether a place can be taken. */
  async isFree(place: number): Promise<boolean> {
    const { cluster, identity } = this.#parts;
    const { name, namespace } = this.#refOf(place);
    const object = await cluster.K8s(LEASES).InNamespace(namespace).Get(name);
    if (object) this.#seen.set(place, readLease(object, this.#seen.get(place)));
    else this.#seen.delete(place);
    return isFree(this.#seen.get(place), identity, performance.now());
  }

  /** Takes a place as it was seen, or renews it. */
  take(place: number): Promise<void> {
    return this.#write(place, this.#parts.identity);
  }

  /** Leaves a place to others. */
  leave(place: number): Promise<void> {
    return this.#write(place, "");
  }

  async #write(place: number, holder: string): Promise<void> {
    const precondition = this.#seen.get(place)?.state ?? "absent";
    const config = { fieldManager: "helm-locker", force: true, precondition } as const;
    const reply = await this.#parts.cluster.K8s(LEASES).Apply(leaseOf(this.#refOf(place), holder), config);
    this.#seen.set(place, readLease(reply, undefined));
  }

  #refOf(place: number) {
    const { controllerName, namespace } = this.#parts;
    const base = isLabel(controllerName) ? controllerName : `helm-locker-${hexDigestOf(controllerName, 8)}`;
    return { name: `${base}-${place}`, namespace };
  }
}
