import { helmReleaseSchema, type HelmRelease } from "../../crds/helm-release";
import type { KubeClient } from "../cluster/client";
import { Discovery } from "../cluster/discovery";
import { ensureCrd, HELM_RELEASES, listHelmReleases } from "../cluster/helm-releases";
import { Objects, stateOf } from "../cluster/objects";
import { recordReaders, type RecordScope } from "../cluster/records";
import { Watch, type WatchHandlers } from "../cluster/watch";
import { collectionPath, type Resource } from "../cluster/resources";
import type { Config } from "../config";
import type { KubeObject } from "../release/object";
import type { ReleaseRef } from "../release/release";
import { Revisions, type Driver } from "../release/revisions";
import { RecordStorage } from "../release/storage";
import type { Logger } from "../report/log";
import { Metrics } from "../report/metrics";
import { Reporter } from "../report/reporter";
import { errorWords } from "../report/words";
import { Gate } from "./gate";
import { Loader } from "./loader";
import { Queue } from "./queue";
import { Reconciler } from "./reconciler";
import { Registrar } from "./registrar";
import { retryDelay } from "./retry";
import { Schedule } from "./schedule";
import { Store } from "./store";
import { StallWatch } from "./stall";
import { Watches } from "./watches";

/** Tasks that run at the same time: fewer than there are connections, so that phase checks find a free one. */
const WORKERS = 8;

/** The engine: takes what the watches tell, queues it, and lets each part do its work. Every method returns at once. */
export class Locker {
  readonly #config: Config;
  readonly #client: KubeClient;
  readonly #objects: Objects;
  readonly #store = new Store();
  readonly #revisions = new Revisions();
  readonly #queue: Queue;
  readonly #registrar: Registrar;
  readonly #records: readonly Watch[];
  readonly #helmReleases: Watch;
  readonly #watches: Watches;
  readonly #reporter: Reporter;
  readonly #schedule: Schedule;
  /** Storage drivers whose records have not been listed yet. */
  readonly #unlisted: Set<Driver>;
  /** What is counted, to be shown where Pepr shows its own. */
  readonly metrics = new Metrics({
    states: () => [...this.#store.locks()].flatMap(({ phase }) => phase?.state ?? []),
    queueLength: () => this.#queue.size,
  });
  #helmReleasesListed = false;
  #isReady = false;

  /** @param parts.records the watches that release records are followed by */
  constructor(parts: { config: Config; client: KubeClient; log: Logger; records: readonly RecordScope[] }) {
    const { config, client, log, records } = parts;
    const objects = new Objects(client);
    const storage = new RecordStorage(recordReaders(client, objects));
    this.#records = records.map(scope => new Watch(client, scope, this.#recordEvents(scope)));
    this.#helmReleases = new Watch(
      client,
      { resource: HELM_RELEASES, namespace: config.namespace, labelSelector: "" },
      this.#helmReleaseEvents(),
    );
    this.#unlisted = new Set(records.map(({ driver }) => driver));
    this.#config = config;
    this.#client = client;
    this.#objects = objects;
    this.#queue = new Queue({
      workers: WORKERS,
      retryDelay: (error, attempt) => retryDelay(error, attempt, Math.random()),
    });
    const stalls = new StallWatch(config.stalledAfter * 1000, lock => {
      this.#reporter.stalled(lock);
    });
    const loader = new Loader({
      storage,
      revisions: this.#revisions,
      discovery: new Discovery(client),
      store: this.#store,
    });
    this.#registrar = new Registrar({
      objects,
      store: this.#store,
      controllerName: config.controllerName,
      events: {
        locked: lock => {
          this.#reporter.statusOf(lock);
          this.#schedule.load(lock);
        },
        unlocked: (lock, helmRelease) => {
          this.#reporter.unlocked(helmRelease, lock);
          this.#watches.sync();
        },
        permissionChanged: lock => {
          this.#schedule.lookAgainAt(
            [...lock.objects.values()].filter(({ problem }) => problem !== undefined),
          );
        },
        invalid: helmRelease => {
          this.#reporter.status(helmRelease);
        },
      },
    });
    this.#reporter = new Reporter({
      objects,
      queue: this.#queue,
      log,
      metrics: this.metrics,
      helmReleases: this.#registrar,
    });
    const reconciler = new Reconciler(objects, new Gate(storage.isCurrent.bind(storage)), {
      isTrackedBy: loader.tracks.bind(loader),
      reverted: reverted => {
        this.#reporter.reverted(reverted);
      },
      problemChanged: tracked => {
        this.#reporter.problemChanged(tracked);
      },
      outdated: lock => {
        this.#schedule.load(lock);
      },
    });
    this.#watches = new Watches(client, this.#store, {
      observed: tracked => {
        this.#schedule.lookAt(tracked);
      },
      settled: lock => {
        this.#schedule.lookAtAll(lock);
        this.#checkReady();
      },
      failed: (resource, error) => {
        this.#reporter.troubled("watch", `can't watch ${resource.kind} of ${resource.apiVersion}`, error);
        this.#watchable(resource, `${resource.kind}: ${errorWords(error, undefined, resource)}`);
      },
      listed: resource => {
        this.#watchable(resource, undefined);
      },
    });
    this.#schedule = new Schedule({
      queue: this.#queue,
      store: this.#store,
      registrar: this.#registrar,
      loader,
      watches: this.#watches,
      reconciler,
      stalls,
      reporter: this.#reporter,
      mayLoad: () => this.#unlisted.size === 0,
      done: () => {
        this.#checkReady();
      },
    });
  }

  /** What the watch on the records of one storage driver tells. */
  #recordEvents({ driver }: RecordScope): WatchHandlers {
    return {
      changed: record => {
        this.#recordChanged(this.#revisions.add(driver, record), record);
      },
      deleted: record => {
        this.#reporter.recordGone(record);
        this.#recordChanged(this.#revisions.remove(driver, record), undefined);
      },
      listed: present => {
        this.#revisions.retain(driver, present);
        this.#unlisted.delete(driver);
        for (const lock of this.#store.locks()) this.#schedule.load(lock);
        this.#checkReady();
      },
      failed: error => {
        this.#reporter.troubled("watch", `can't watch release records in ${driver}s`, error);
      },
    };
  }

  /**
   * What the locker's own watch on HelmReleases tells. Pepr's begins up to some seconds after the start, and tells nobody of what was
   * deleted until then.
   */
  #helmReleaseEvents(): WatchHandlers {
    return {
      changed: helmRelease => {
        this.observe(helmRelease);
      },
      deleted: helmRelease => {
        this.forget(helmRelease);
      },
      listed: (present, resourceVersion) => {
        for (const gone of this.#registrar.missing(present, resourceVersion)) this.forget(gone);
      },
      failed: error => {
        this.#reporter.waiting("start", "can't watch HelmReleases", error);
      },
    };
  }

  /** Whether all that had to be watched at the start has been listed. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Begins: brings the CRD where it is missing, and locks what the HelmReleases there are name. */
  start(): void {
    for (const watch of this.#records) watch.start();
    this.#listHelmReleases();
  }

  /** Brings the CRD, lists the HelmReleases there are as soon as it is served, and follows them from then on. */
  #listHelmReleases(): void {
    const list = {
      key: "list HelmReleases",
      group: "list HelmReleases",
      run: async () => {
        await ensureCrd(this.#objects);
        for (const item of await listHelmReleases(this.#client, this.#config.namespace)) this.observe(item);
        this.#helmReleases.start();
        this.#helmReleasesListed = true;
        this.#checkReady();
      },
      failed: (error: unknown) => {
        this.#reporter.waiting("start", "waiting for the API of HelmReleases", error);
      },
    };
    this.#queue.add(list);
  }

  /** A HelmRelease of the registration namespace is new or has changed. */
  observe(helmRelease: unknown): void {
    this.#take(helmRelease, read => {
      this.#registrar.note(read);
    });
  }

  /** A HelmRelease of the registration namespace is gone. */
  forget(helmRelease: unknown): void {
    this.#take(helmRelease, read => {
      this.#registrar.forget(read);
    });
  }

  /** Ends what is under way and closes every connection. */
  async stop(): Promise<void> {
    for (const watch of [...this.#records, this.#helmReleases]) watch.stop();
    this.#watches.stop();
    await this.#queue.stop();
    await this.#client.close();
  }

  #take(helmRelease: unknown, note: (read: HelmRelease) => void): void {
    const { data, error } = helmReleaseSchema.safeParse(helmRelease);
    if (error) this.#reporter.troubled("start", "can't read a HelmRelease", error);
    else {
      note(data);
      this.#schedule.register(data.metadata.name);
    }
  }

  #recordChanged(release: ReleaseRef | undefined, record: KubeObject | undefined): void {
    if (!release) {
      if (record) this.#reporter.unreadableRecord(record);
      return;
    }
    // What that release's name is on may be another one's, now that its record has changed.
    this.#schedule.lookAgainAt(this.#store.contestedBy(release));
    const lock = this.#store.lockOf(release);
    if (!lock) return;
    const { uid, resourceVersion } = record ? stateOf(record) : {};
    const isKnown = record && lock.record?.uid === uid && lock.record?.resourceVersion === resourceVersion;
    if (isKnown !== true) this.#schedule.load(lock);
  }

  /** Notes whether a kind can be watched, on every lock that needs it. */
  #watchable(resource: Resource, problem: string | undefined): void {
    const collection = collectionPath(resource);
    for (const lock of this.#store.locks()) {
      if (!lock.collections.has(collection) || lock.unwatched.get(collection) === problem) continue;
      if (problem === undefined) lock.unwatched.delete(collection);
      else lock.unwatched.set(collection, problem);
      this.#reporter.statusOf(lock);
    }
  }

  #checkReady(): void {
    if (this.#isReady || this.#unlisted.size > 0 || !this.#helmReleasesListed || !this.#schedule.hasLoaded)
      return;
    for (const lock of this.#store.locks()) if (!this.#watches.isSettled(lock)) return;
    this.#isReady = true;
    this.#reporter.info("start", "ready");
  }
}
