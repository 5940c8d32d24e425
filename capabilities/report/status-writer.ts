import { isDeepStrictEqual } from "node:util";
import { helmReleaseSchema, type HelmRelease } from "../../crds/helm-release";
import type { Cluster } from "../cluster/k8s";
import { toSeconds } from "../kube/time";
import { isOlderState } from "../kube/version";
import { HELM_RELEASES, type HelmReleases } from "../state/helm-releases";
import { toWriteStatus } from "../state/requests";
import type { Controller, Request, Result } from "../work/controller";
import type { Queue } from "../work/queue";
import { troubled, type Logger } from "./log";
import { statusOf } from "./status";
import { viewOf, type Known } from "./view";

/** Least time between two writes of one HelmRelease's status, in milliseconds. */
const INTERVAL = 1_000;

/** A status that was written. */
interface Written {
  /** performance.now() when it was sent. */
  readonly at: number;
  /** The HelmRelease before the write, or as the API server returned it. */
  readonly helmRelease: HelmRelease;
}

/** What the writer needs, and where failures are reported. */
interface Parts {
  readonly cluster: Cluster;
  readonly queue: Queue;
  readonly store: Known;
  readonly helmReleases: Pick<HelmReleases, "get">;
  readonly controllerName: string;
  readonly log: Logger;
}

/** Writes the status of HelmReleases: only if it has changed, and at most once a second each. */
export class StatusWriter implements Controller {
  readonly #parts: Parts;
  readonly #written = new Map<string, Written>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The status of a HelmRelease may have changed. */
  ask(name: string): void {
    const last = this.#written.get(name)?.at ?? -Infinity;
    this.#parts.queue.addAfter(toWriteStatus(name), Math.max(0, last + INTERVAL - performance.now()));
  }

  async reconcile({ name }: Request): Promise<Result> {
    const { cluster, store, controllerName } = this.#parts;
    const helmRelease = this.#newest(name);
    const view = helmRelease && viewOf(helmRelease, controllerName, store);
    if (!view) return undefined;
    const status = statusOf(helmRelease, view, toSeconds(Date.now()));
    if (isDeepStrictEqual({ ...helmRelease.status }, status)) return undefined;
    const at = performance.now();
    this.#forgetOld(at);
    this.#written.set(name, { at, helmRelease });
    const { namespace } = helmRelease.metadata;
    const reply = await cluster.K8s(HELM_RELEASES).PatchStatus({ metadata: { name, namespace }, status });
    this.#written.set(name, { at, helmRelease: helmReleaseSchema.parse(reply) });
    return undefined;
  }

  failed({ name }: Request, error: unknown): void {
    troubled(this.#parts.log, "report", `can't write the status of HelmRelease ${name}`, { error });
  }

  /** The watch may show a write late: a status that changes back meanwhile would look as if it were already there. */
  #newest(name: string): HelmRelease | undefined {
    const known = this.#parts.helmReleases.get(name);
    const written = this.#written.get(name)?.helmRelease;
    return known && written && isOlderState(known.metadata, written.metadata) ? written : known;
  }

  #forgetOld(now: number): void {
    for (const [name, { at, helmRelease }] of this.#written) {
      const known = this.#parts.helmReleases.get(name);
      const isLate = known && isOlderState(known.metadata, helmRelease.metadata);
      if (now - at >= INTERVAL && isLate !== true) this.#written.delete(name);
    }
  }
}
