import { InvalidError } from "../cluster/errors";
import type { Cluster } from "../cluster/k8s";
import type { Removed } from "../drift/operation";
import { makingAnew } from "../drift/right";
import { setting } from "../drift/setting";
import { removal } from "../drift/takeover";
import { refOf } from "../kube/kinds";
import type { KubeObject, PatchOperation } from "../kube/object";
import { isSameState } from "../kube/version";
import type { Tracked } from "../state/lock";
import { writingOf, type Look } from "./look";

/** Asks the API server what a write would make of an object, without making it. Every method may throw ApiError and NetworkError. */
export class DryRuns {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** What an apply would make of the object; where an apply was refused, what Helm's client side would. */
  apply(look: Look, live: KubeObject, payload: KubeObject): Promise<KubeObject> {
    const { tracked, isRefused } = look;
    const api = this.#cluster.K8s(tracked.kind, refOf(tracked.desired));
    const config = { ...writingOf(look), dryRun: true };
    return tracked.isApplicable && !isRefused
      ? api.Apply(payload, { ...config, force: true })
      : api.Patch(setting(payload, live), config);
  }

  /** What would be left if something was removed; undefined where that is refused. */
  removal(look: Look, live: KubeObject, removed: readonly Removed[]): Promise<KubeObject | undefined> {
    return this.#patch(look, removal(live, removed));
  }

  /** What would be left if everything was made anew; undefined where that is refused. */
  anew(look: Look, live: KubeObject, payload: KubeObject): Promise<KubeObject | undefined> {
    return this.#patch(look, makingAnew(payload, live));
  }

  /** Whether an object is no longer as it was observed. A JSON patch is then refused as invalid, as is one that can't be. */
  async hasChanged({ kind, desired }: Tracked, live: KubeObject): Promise<boolean> {
    const { name, namespace } = refOf(desired);
    const now = await this.#cluster.K8s(kind).InNamespace(namespace).Get(name);
    return !now || !isSameState(now, live);
  }

  async #patch(look: Look, patch: PatchOperation[]): Promise<KubeObject | undefined> {
    const { tracked } = look;
    try {
      const api = this.#cluster.K8s(tracked.kind, refOf(tracked.desired));
      return await api.Patch(patch, { ...writingOf(look), dryRun: true });
    } catch (error) {
      if (error instanceof InvalidError) return undefined;
      throw error;
    }
  }
}
