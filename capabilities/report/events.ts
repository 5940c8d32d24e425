import type { HelmRelease } from "../../crds/helm-release";
import { isRefusal } from "../cluster/errors";
import type { Cluster } from "../cluster/k8s";
import { HELM_RELEASES } from "../state/helm-releases";
import { toTell } from "../state/requests";
import type { Controller, Request, Result } from "../work/controller";
import type { Queue } from "../work/queue";
import type { EventReason } from "./event-reasons";
import { EventSeries } from "./event-series";
import { troubled, type Logger } from "./log";
import { Spacing } from "./spacing";

/** How long news is gathered, in milliseconds. */
const INTERVAL = 1_000;

/** Writes Events on HelmReleases: all news within a second become one, or within a few where they go on. */
export class Events implements Controller {
  readonly #queue: Queue;
  readonly #log: Logger;
  readonly #series: EventSeries;
  readonly #spacing = new Spacing();

  constructor({ cluster, queue, log }: { cluster: Cluster; queue: Queue; log: Logger }) {
    this.#series = new EventSeries(cluster);
    this.#queue = queue;
    this.#log = log;
  }

  /** Notes an Event, which is written after a second; after a few where it repeats. */
  emit({ metadata: { name, namespace, uid = "" } }: HelmRelease, reason: EventReason, message: string): void {
    const { apiVersion, kind } = HELM_RELEASES;
    const key = this.#series.note({ apiVersion, kind, name, namespace, uid }, reason, { message });
    this.#queue.addAfter(toTell(key), INTERVAL);
  }

  /** Gives up a refused Event, for example in a namespace that is being deleted: nobody waits for an Event. */
  async reconcile(request: Request): Promise<Result> {
    const retryAfter = this.#spacing.wait(request.name);
    if (retryAfter > 0) return { retryAfter };
    try {
      await this.#series.write(request.name);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.failed(request, error);
    }
    this.#spacing.note(request.name);
    return undefined;
  }

  /** Writes what would be lost with this process, as far as that is possible now. */
  flush(): Promise<void> {
    return this.#series.flush();
  }

  failed(_request: Request, error: unknown): void {
    troubled(this.#log, "can't write an Event", {}, { error });
  }
}
