import type { KubeClient } from "../cluster/client";
import { Access } from "../cluster/access";
import { Discovery } from "../cluster/discovery";
import { Objects, stateOf } from "../cluster/objects";
import { recordReaders, type RecordScope } from "../cluster/records";
import { collectionPath, type Resource } from "../cluster/resources";
import type { Config } from "../config";
import type { KubeObject } from "../release/object";
import type { ReleaseRef } from "../release/release";
import { Revisions } from "../release/revisions";
import { RecordStorage } from "../release/storage";
import type { Logger } from "../report/log";
import { Metrics } from "../report/metrics";
import { Reporter } from "../report/reporter";
import { errorWords } from "../report/words";
import { Gate } from "./gate";
import { HelmReleaseWatch } from "./helm-release-watch";
import { Loader } from "./loader";
import { Queue } from "./queue";
import { Reconciler } from "./reconciler";
import { RecordWatches } from "./record-watches";
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
  readonly #client: KubeClient;
  readonly #store = new Store();
  readonly #queue: Queue;
  readonly #records: RecordWatches;
  readonly #helmReleases: HelmReleaseWatch;
  readonly #watches: Watches;
  readonly #reporter: Reporter;
  readonly #schedule: Schedule;
  /** What is counted, to be shown where Pepr shows its own. */
  readonly metrics = new Metrics({
    states: () => [...this.#store.locks()].flatMap(({ phase }) => phase?.state ?? []),
    queueLength: () => this.#queue.size,
  });
  #isReady = false;

  /** @param parts.records the watches that release records are followed by */
  constructor(parts: { config: Config; client: KubeClient; log: Logger; records: readonly RecordScope[] }) {
    const { config, client, log, records } = parts;
    const objects = new Objects(client);
    const storage = new RecordStorage(recordReaders(client, objects));
    this.#client = client;
    this.#queue = new Queue({
      workers: WORKERS,
      retryDelay: (error, attempt) => retryDelay(error, attempt, Math.random()),
    });
    const stalls = new StallWatch(config.stalledAfter * 1000, lock => {
      this.#reporter.stalled(lock);
    });
    const revisions = new Revisions();
    const loader = new Loader({
      storage,
      revisions,
      discovery: new Discovery(client),
      store: this.#store,
    });
    const registrar = new Registrar({
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
      helmReleases: registrar,
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
        const what = `can't watch ${resource.kind} of ${resource.apiVersion}`;
        this.#reporter.troubled("watch", what, error, resource);
        this.#watchable(resource, `${resource.kind}: ${errorWords(error, undefined, resource)}`);
      },
      listed: resource => {
        this.#watchable(resource, undefined);
      },
    });
    this.#schedule = new Schedule({
      queue: this.#queue,
      store: this.#store,
      registrar,
      loader,
      watches: this.#watches,
      reconciler,
      access: new Access(client),
      stalls,
      reporter: this.#reporter,
      mayLoad: () => this.#records.areListed,
      done: () => {
        this.#checkReady();
      },
    });
    this.#records = new RecordWatches({
      client,
      scopes: records,
      revisions,
      reporter: this.#reporter,
      changed: this.#recordChanged.bind(this),
      listed: () => {
        for (const lock of this.#store.locks()) this.#schedule.load(lock);
        this.#checkReady();
      },
    });
    this.#helmReleases = new HelmReleaseWatch({
      client,
      objects,
      queue: this.#queue,
      registrar,
      reporter: this.#reporter,
      namespace: config.namespace,
      changed: name => {
        this.#schedule.register(name);
      },
      listed: () => {
        this.#checkReady();
      },
    });
  }

  /** Whether all that had to be watched at the start has been listed. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Begins: brings the CRD where it is missing, and locks what the HelmReleases there are name. */
  start(): void {
    this.#records.start();
    this.#helmReleases.start();
  }

  /** A HelmRelease of the registration namespace is new or has changed. */
  observe(helmRelease: unknown): void {
    this.#helmReleases.observe(helmRelease);
  }

  /** A HelmRelease of the registration namespace is gone. */
  forget(helmRelease: unknown): void {
    this.#helmReleases.forget(helmRelease);
  }

  /** Ends what is under way and closes every connection. */
  async stop(): Promise<void> {
    this.#records.stop();
    this.#helmReleases.stop();
    this.#watches.stop();
    await this.#queue.stop();
    await this.#client.close();
  }

  #recordChanged(release: ReleaseRef, record: KubeObject | undefined): void {
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
    if (this.#isReady || !this.#records.areListed || !this.#helmReleases.isListed) return;
    if (!this.#schedule.hasLoaded) return;
    for (const lock of this.#store.locks()) if (!this.#watches.isSettled(lock)) return;
    this.#isReady = true;
    this.#reporter.info("start", "ready");
  }
}
