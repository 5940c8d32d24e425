import { isDeepStrictEqual } from "node:util";
import { helmReleaseSchema } from "../../crds/helm-release";
import type { Cluster } from "../cluster/k8s";
import { toSeconds } from "../kube/time";
import { HELM_RELEASES, type HelmReleases } from "../state/helm-releases";
import { toWriteStatus } from "../state/requests";
import type { Controller, Request, Result } from "../work/controller";
import type { Queue } from "../work/queue";
import { troubled, type Logger } from "./log";
import { statusOf } from "./status";
import { viewOf, type Known } from "./helm-release-view";

/** Least time between two writes of one HelmRelease's status, in milliseconds. */
const INTERVAL = 1_000;

/** What the writer needs, and where failures are reported. */
interface Parts {
  readonly cluster: Cluster;
  readonly queue: Queue;
  readonly store: Known;
  readonly helmReleases: Pick<HelmReleases, "get" | "update">;
  readonly controllerName: string;
  readonly log: Logger;
}

/** Writes the status of HelmReleases: only if it has changed, and at most once a second each. */
export class StatusWriter implements Controller {
  readonly #parts: Parts;
  /** performance.now() when the status of a HelmRelease was last sent. */
  readonly #sent = new Map<string, number>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The status of a HelmRelease may have changed. */
  ask(name: string): void {
    const last = this.#sent.get(name) ?? -Infinity;
    this.#parts.queue.addAfter(toWriteStatus(name), Math.max(0, last + INTERVAL - performance.now()));
  }

  async reconcile({ name }: Request): Promise<Result> {
    const { cluster, store, helmReleases, controllerName } = this.#parts;
    const helmRelease = helmReleases.get(name);
    const view = helmRelease && viewOf(helmRelease, controllerName, store);
    if (!view) return undefined;
    const status = statusOf(helmRelease, view, toSeconds(Date.now()));
    // A status from before anything was counted is no reason to write.
    if (isDeepStrictEqual({ ignored: 0, ...helmRelease.status }, status)) return undefined;
    this.#note(name);
    const { namespace } = helmRelease.metadata;
    const reply = await cluster.K8s(HELM_RELEASES).PatchStatus({ metadata: { name, namespace }, status });
    // The watch may show the write late: a status that changes back meanwhile would look as if it were already there.
    helmReleases.update(helmReleaseSchema.parse(reply));
    return undefined;
  }

  failed({ name }: Request, error: unknown): void {
    troubled(this.#parts.log, "report", `can't write the status of HelmRelease ${name}`, { error });
  }

  #note(name: string): void {
    const now = performance.now();
    for (const [other, at] of this.#sent) if (now - at >= INTERVAL) this.#sent.delete(other);
    this.#sent.set(name, now);
  }
}
