import { helmReleaseSchema, type HelmRelease } from "../../crds/helm-release";
import type { Cluster, KindActions } from "../cluster/k8s";
import type { Watch } from "../cluster/watch";
import { presenceKey } from "../kube/kinds";
import { isOlder, newestOf, stateOf } from "../kube/version";
import type { Reporter } from "../report/reporter";
import { HELM_RELEASES, type HelmReleases } from "../state/helm-releases";
import { toBringDefinition, toRegister } from "../state/requests";
import { common } from "../state/watched";
import type { Controller, Request, Result } from "../work/controller";
import type { Queue } from "../work/queue";
import { bringDefinition } from "./definition";
import type { Followed } from "./followed";
import type { Sight } from "./sight";

const WATCHED = common(HELM_RELEASES, "HelmRelease");

/** Which HelmReleases are followed, and where their events go. */
interface Parts {
  readonly cluster: Cluster;
  readonly watched: KindActions;
  readonly helmReleases: HelmReleases;
  readonly queue: Queue;
  readonly reporter: Reporter;
  readonly sight: Sight;
  /** Called when the existing HelmReleases have been listed. */
  readonly listed: () => void;
}

/** Installs the HelmRelease CRD if it is missing, and follows the HelmReleases of the registration namespace. */
export class HelmReleaseEvents implements Controller {
  readonly #parts: Parts;
  readonly #watch: Watch;

  constructor(parts: Parts) {
    const { watched, helmReleases, sight, listed } = parts;
    this.#parts = parts;
    this.#watch = watched.Watch(
      {
        changed: object => {
          this.#take(object, read => {
            helmReleases.note(read);
          });
          return true;
        },
        deleted: object => {
          this.#take(object, read => {
            helmReleases.forget(read);
          });
        },
        setBack: () => {
          helmReleases.setBack();
        },
        listed: present => {
          for (const gone of helmReleases.retain(present)) this.#register(gone);
          listed();
        },
        failed: error => {
          sight.failed(WATCHED, error);
        },
        resumed: () => {
          sight.works(WATCHED);
        },
      },
      true,
    );
    sight.add(WATCHED, this.#watch);
  }

  start(): void {
    this.#parts.queue.add(toBringDefinition());
  }

  stop(): void {
    this.#watch.stop();
  }

  /** What the watch follows. */
  followed(): Followed {
    const { helmReleases, watched } = this.#parts;
    return {
      watch: this.#watch,
      listed: watched.MetadataOnly(),
      newest: () => newestOf([...helmReleases.all()].map(({ metadata }) => metadata.resourceVersion)),
      concerns: () => true,
      isNews: object => {
        const known = helmReleases.get(object.metadata.name)?.metadata.resourceVersion ?? "";
        return isOlder(known, stateOf(object).resourceVersion);
      },
      isMissing: (present, version) =>
        [...helmReleases.all()].some(
          ({ metadata: { namespace, name, resourceVersion = "" } }) =>
            !isOlder(version, resourceVersion) && !present.has(presenceKey(namespace, name)),
        ),
    };
  }

  /** Something has happened to a HelmRelease: if the watch is waiting for the API server, it need not wait longer. */
  ring(): void {
    this.#watch.ring();
  }

  /** Installs the CRD, and starts to follow HelmReleases once they are served. */
  async reconcile(): Promise<Result> {
    await bringDefinition(this.#parts.cluster);
    await this.#parts.watched.Probe();
    this.#watch.start();
    return undefined;
  }

  failed(_request: Request, error: unknown): void {
    this.#parts.reporter.waiting("waiting for the API of HelmReleases", {}, error);
  }

  #take(object: unknown, note: (read: HelmRelease) => void): void {
    const { data, error } = helmReleaseSchema.safeParse(object);
    if (error) {
      this.#parts.reporter.troubled("can't read a HelmRelease", {}, error);
      return;
    }
    note(data);
    this.#register(data);
  }

  #register({ metadata: { name } }: HelmRelease): void {
    this.#parts.queue.addNow(toRegister(name));
  }
}
