import { helmReleaseSchema, type HelmRelease } from "../../crds/helm-release";
import type { KubeClient } from "../cluster/client";
import { ensureCrd, HELM_RELEASES, listHelmReleases } from "../cluster/helm-releases";
import type { Objects } from "../cluster/objects";
import { Watch } from "../cluster/watch";
import type { Reporter } from "../report/reporter";
import type { Queue } from "./queue";
import type { Registrar } from "./registrar";

/** What the watch on HelmReleases needs, and whom it tells. None may wait. */
interface Parts {
  readonly client: KubeClient;
  readonly objects: Objects;
  readonly queue: Queue;
  readonly registrar: Registrar;
  readonly reporter: Reporter;
  /** The registration namespace. */
  readonly namespace: string;
  /** A HelmRelease is new, has changed or is gone, and the registrar knows. */
  readonly changed: (name: string) => void;
  /** Those there are have been listed. */
  readonly listed: () => void;
}

/** Brings the CRD, and follows the HelmReleases of the registration namespace. */
export class HelmReleaseWatch {
  readonly #parts: Parts;
  readonly #watch: Watch;
  #isListed = false;

  constructor(parts: Parts) {
    const { client, namespace, registrar, reporter } = parts;
    this.#parts = parts;
    // Pepr's begins up to some seconds after the start, and tells nobody of what was deleted until then.
    this.#watch = new Watch(
      client,
      { resource: HELM_RELEASES, namespace, labelSelector: "" },
      {
        changed: helmRelease => {
          this.observe(helmRelease);
        },
        deleted: helmRelease => {
          this.forget(helmRelease);
        },
        listed: (present, resourceVersion) => {
          for (const gone of registrar.missing(present, resourceVersion)) this.forget(gone);
        },
        failed: error => {
          reporter.waiting("start", "can't watch HelmReleases", error);
        },
      },
    );
  }

  /** Whether those there were at the start have been listed. */
  get isListed(): boolean {
    return this.#isListed;
  }

  /** Brings the CRD, lists the HelmReleases there are as soon as it is served, and follows them from then on. */
  start(): void {
    const { client, objects, queue, reporter, namespace, listed } = this.#parts;
    const key = "list HelmReleases";
    queue.add({
      key,
      group: key,
      run: async () => {
        await ensureCrd(objects);
        for (const item of await listHelmReleases(client, namespace)) this.observe(item);
        this.#watch.start();
        this.#isListed = true;
        listed();
      },
      failed: error => {
        reporter.waiting("start", "waiting for the API of HelmReleases", error);
      },
    });
  }

  stop(): void {
    this.#watch.stop();
  }

  /** A HelmRelease of the registration namespace is new or has changed. */
  observe(helmRelease: unknown): void {
    this.#take(helmRelease, read => {
      this.#parts.registrar.note(read);
    });
  }

  /** A HelmRelease of the registration namespace is gone. */
  forget(helmRelease: unknown): void {
    this.#take(helmRelease, read => {
      this.#parts.registrar.forget(read);
    });
  }

  #take(helmRelease: unknown, note: (read: HelmRelease) => void): void {
    const { data, error } = helmReleaseSchema.safeParse(helmRelease);
    if (error) {
      this.#parts.reporter.troubled("start", "can't read a HelmRelease", error);
      return;
    }
    note(data);
    this.#parts.changed(data.metadata.name);
  }
}
