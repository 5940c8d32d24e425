import type * as z from "zod";
import type { KindActions } from "../cluster/k8s";
import type { Watch } from "../cluster/watch";
import { presenceKey } from "../kube/kinds";
import { isOlder, newestOf, stateOf } from "../kube/version";
import type { Reporter } from "../report/reporter";
import type { KnownObjects, Named } from "../state/known-objects";
import type { Watched } from "../state/watched";
import type { Followed } from "./followed";
import type { Sight } from "./sight";

/** Which objects are followed, and where their events go. */
interface Parts<T extends Named> {
  readonly watched: KindActions;
  readonly sees: Watched;
  readonly schema: z.ZodType<T>;
  readonly known: KnownObjects<T>;
  readonly reporter: Reporter;
  readonly sight: Sight;
  /** Whether its end shows that the API server can't be reached. */
  readonly isPulse?: boolean;
  /** Called when one is new, has changed or is gone. @param before its last state, if it was known */
  readonly changed: (object: T, before: T | undefined) => void;
  /** Called when the existing ones have been listed. */
  readonly listed: () => void;
  /** Called when they are not seen now. */
  readonly failed?: () => void;
}

/** Follows objects that people write, each of which has its own name in what is watched. */
export class WrittenObjects<T extends Named> {
  readonly #parts: Parts<T>;
  readonly #watch: Watch;

  constructor(parts: Parts<T>) {
    const { watched, sees, known, sight, changed, listed, failed, isPulse = false } = parts;
    this.#parts = parts;
    this.#watch = watched.Watch(
      {
        changed: object => {
          this.#take(object, read => {
            known.note(read);
          });
          return true;
        },
        deleted: object => {
          this.#take(object, read => {
            known.forget(read);
          });
        },
        setBack: () => {
          known.setBack();
        },
        listed: present => {
          for (const gone of known.retain(present)) changed(gone, gone);
          listed();
        },
        failed: error => {
          sight.failed(sees, error);
          failed?.();
        },
        resumed: () => {
          sight.works(sees);
        },
      },
      isPulse,
    );
    sight.add(sees, this.#watch);
  }

  /** Starts to follow them. @throws ApiError, NetworkError as long as they are not served */
  async follow(): Promise<void> {
    await this.#parts.watched.Probe();
    this.start();
  }

  /** Starts to follow what is certainly served. */
  start(): void {
    this.#watch.start();
  }

  stop(): void {
    this.#watch.stop();
  }

  /** What the watch follows. */
  followed(): Followed {
    const { known, watched } = this.#parts;
    return {
      watch: this.#watch,
      listed: watched.MetadataOnly(),
      newest: () => newestOf([...known.all()].map(({ metadata }) => metadata.resourceVersion)),
      concerns: () => true,
      isNews: object => {
        const version = known.get(object.metadata.name)?.metadata.resourceVersion ?? "";
        return isOlder(version, stateOf(object).resourceVersion);
      },
      isMissing: (present, version) =>
        [...known.all()].some(
          ({ metadata: { namespace, name, resourceVersion = "" } }) =>
            !isOlder(version, resourceVersion) && !present.has(presenceKey(namespace, name)),
        ),
    };
  }

  /** Something has happened to one: if the watch is waiting for the API server, it need not wait longer. */
  ring(): void {
    this.#watch.ring();
  }

  #take(object: unknown, note: (read: T) => void): void {
    const { sees, schema, known, reporter, changed } = this.#parts;
    const { data, error } = schema.safeParse(object);
    if (error) {
      reporter.troubled("can't read a {kind}", { kind: sees.kind.kind }, error);
      return;
    }
    const before = known.get(data.metadata.name);
    note(data);
    changed(data, before);
  }
}
