import { helmReleaseSchema, type HelmRelease } from "../../crds/helm-release";
import type { KindActions } from "../cluster/k8s";
import type { Watch } from "../cluster/watch";
import { presenceKey } from "../kube/kinds";
import { isOlder, newestOf, stateOf } from "../kube/version";
import type { Reporter } from "../report/reporter";
import { HELM_RELEASES, type HelmReleases } from "../state/helm-releases";
import { toRegister } from "../state/requests";
import { common } from "../state/watched";
import type { Queue } from "../work/queue";
import type { Followed } from "./followed";
import type { Sight } from "./sight";

const WATCHED = common(HELM_RELEASES, "HelmRelease");

/** Which HelmReleases are followed, and where their events go. */
interface Parts {
  readonly watched: KindActions;
  readonly helmReleases: HelmReleases;
  readonly queue: Queue;
  readonly reporter: Reporter;
  readonly sight: Sight;
  /** Called when the existing HelmReleases have been listed. */
  readonly listed: () => void;
}

/** Follows the HelmReleases of the registration namespace. */
export class HelmReleaseEvents {
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

  /** Starts to follow them. @throws ApiError, NetworkError as long as they are not served */
  async follow(): Promise<void> {
    await this.#parts.watched.Probe();
    this.#watch.start();
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
