import { Access } from "../cluster/access";
import { Discovery } from "../cluster/discovery";
import type { Cluster } from "../cluster/k8s";
import type { Config } from "../config";
import { Revisions } from "../release/revisions";
import { RecordStorage } from "../release/storage";
import { Events } from "../report/events";
import type { Logger } from "../report/log";
import { ObjectEvents } from "../report/object-events";
import { metricsOf, type Metrics } from "../report/metrics";
import { Reporter } from "../report/reporter";
import { StatusWriter } from "../report/status-writer";
import { Definitions } from "../sources/definitions";
import { recordReaders } from "../sources/release-records";
import { Sight } from "../sources/sight";
import { Places } from "../standby/places";
import { Rank } from "../standby/rank";
import { HELM_RELEASES, HelmReleases } from "../state/helm-releases";
import type { Lock } from "../state/lock";
import { LOCKER_POLICIES } from "../state/locker-policies";
import { KnownReleases } from "../state/known-releases";
import { Store } from "../state/store";
import { Queue } from "../work/queue";
import { isPassing, retryDelay } from "../work/retry";
import { joinActing } from "./acting";
import { AdmissionStorage } from "./admission-storage";
import { Admissions } from "./admissions";
import { ObjectController } from "./objects";
import { RegistrationController } from "./registrations";
import { ReleaseController } from "./releases";
import { RightsController } from "./rights";
import type { Bindings } from "./bindings";
import { ByPolicy } from "./by-policy";
import { KindController } from "./kinds";
import { ManifestReader } from "./manifest-reader";
import { Memories } from "./memories";
import { MemoryStorage } from "./memory-storage";
import { Policies } from "./policies";
import { RankController } from "./ranks";
import { Readiness } from "./readiness";
import { joinSources, type Sources } from "./sources";
import { Stalls } from "./stalls";
import { ofFirst, succeed } from "./succession";

/** Requests that run at the same time: fewer than there are connections, so that phase checks find a free one, whatever hangs. */
const WORKERS = { workers: 8, tellers: 4 };

interface Parts {
  readonly config: Config;
  readonly cluster: Cluster;
  readonly log: Logger;
  readonly bindings: Bindings;
}

/** The engine: sources report changes, the queue orders the work, controllers do it, the reporter reports the results. */
export class Locker {
  /** The counters, to be shown where Pepr shows its own. */
  readonly metrics: Metrics;
  readonly #cluster: Cluster;
  readonly #queue: Queue;
  readonly #memories: Memories;
  readonly #tellers: readonly { flush(): Promise<void> }[];
  readonly #policies: Policies;
  readonly #definitions: Definitions;
  readonly #rank: Rank;
  readonly #ranks: RankController;
  readonly #readiness: Readiness;
  readonly #sources: Sources;

  /** Joins the parts; each part is made of earlier ones. */
  constructor({ config, cluster, log, bindings }: Parts) {
    const { controllerName, stalledAfter, resyncInterval } = config;
    const queue = new Queue({ ...WORKERS, retryDelay, isPassing });

    const store = new Store();
    const helmReleases = new HelmReleases();
    const releases = new KnownReleases();
    const revisions = new Revisions(release => store.lockOf(release) !== undefined);
    const storage = new RecordStorage(recordReaders(cluster), revisions);

    const rank = new Rank(config.identity === undefined);
    const { tally } = cluster;
    const watched = () => sight.watched();
    const metrics = metricsOf({ store, queue, helmReleases, controllerName, rank, tally, watched });
    const events = new Events({ cluster, queue, log });
    const objectEvents = new ObjectEvents({ cluster, queue, helmReleases, log });
    const status = new StatusWriter({ cluster, queue, store, rank, helmReleases, controllerName, log });
    const reporter = new Reporter({ log, metrics, events, objectEvents, status, helmReleases, rank });

    const readiness = new Readiness({ revisions, helmReleases, store, queue, reporter });
    const sight = new Sight({ store, queue, reporter });
    const discovery = new Discovery(cluster);
    const manifests = new ManifestReader(discovery);
    const reading = { storage, revisions, manifests };
    const known = { store, queue, reporter, sight, helmReleases, releases, revisions };
    const byPolicy = new ByPolicy({
      ...known,
      ...reading,
      cluster,
      config,
      watched: bindings,
      relist: () => {
        sources.records.relist();
      },
    });
    const sources = joinSources({ ...known, bindings, readiness, byPolicy, resyncInterval });
    const { unlabelled } = sources;

    const access = new Access(cluster);
    const mayTell = (lock: Lock) => rank.isFirst && !memories.isBehind(lock);
    const acting = joinActing({ ...reading, cluster, access, store, queue, reporter, rank, mayTell });
    const stalls = new Stalls(stalledAfter * 1000, { store, reporter });
    const work = { cluster, store, queue, reporter };
    const beside = new MemoryStorage({ ...work, helmReleases });
    const memories = new Memories({ ...work, helmReleases, storage: beside });
    const admitted = new AdmissionStorage({ cluster, ...config });
    const admissions = new Admissions({ ...work, config, storage: admitted, helmReleases, readiness });
    const kept = { store, helmReleases, memories, admissions, byPolicy, reporter };
    const places = new Places({ cluster, ...config, identity: config.identity ?? "" });
    const ranks = new RankController({
      rank,
      places,
      queue,
      reporter,
      succeed: succeed.bind(undefined, kept),
    });
    const policies = new Policies({ ...work, memories, admissions });
    const followers = new Map([
      [HELM_RELEASES.kind, sources.helmReleases],
      [LOCKER_POLICIES.kind, byPolicy.policies],
    ]);
    const definitions = new Definitions({ ...work, followers });
    const controllers = {
      definition: definitions,
      assignment: ofFirst(rank, byPolicy.controllers.assignment),
      "locker policy": ofFirst(rank, byPolicy.controllers["locker policy"]),
      registration: new RegistrationController({
        ...work,
        ...config,
        helmReleases,
        policies,
        memories,
        rank,
      }),
      release: new ReleaseController({ ...work, ...reading, memories, admissions, stalls }),
      object: new ObjectController({ ...work, ...acting, memories, unlabelled }),
      kinds: new KindController({ ...work, discovery }),
      rights: new RightsController({ ...work, access, accounts: acting.accounts }),
      rank: ranks,
      admission: ofFirst(rank, admissions),
      memory: ofFirst(rank, memories),
      status,
      event: events,
      "object event": objectEvents,
    };
    queue.serve(controllers, () => {
      // At startup, one list of a kind serves every release.
      if (!readiness.isLoading) sources.tracked.fit();
      unlabelled.fit();
      readiness.check();
      if (readiness.isReady) beside.started();
    });

    this.metrics = metrics;
    this.#cluster = cluster;
    this.#queue = queue;
    this.#memories = memories;
    this.#tellers = [status, events, objectEvents];
    this.#policies = policies;
    this.#definitions = definitions;
    this.#rank = rank;
    this.#ranks = ranks;
    this.#readiness = readiness;
    this.#sources = sources;
  }

  /** Whether everything that had to be watched at startup has been listed. */
  get isReady(): boolean {
    return this.#readiness.isReady;
  }

  /** Installs the CRDs that are missing, and locks what the existing HelmReleases name. Returns at once. */
  start(): void {
    this.#sources.records.start();
    this.#definitions.start();
    this.#sources.resync.start();
    this.#policies.start();
    this.#ranks.start();
  }

  /** Something has happened to a HelmRelease; the locker's own watch will show what, or can do so now. */
  ring(): void {
    this.#sources.helmReleases.ring();
  }

  /** Ends what is under way and closes every connection. */
  async stop(): Promise<void> {
    this.#policies.stop();
    await this.#queue.stop();
    // A lock whose kinds are no longer watched knows too little to be remembered.
    if (this.#rank.isFirst) await this.#memories.flush();
    await Promise.all(this.#tellers.map(teller => teller.flush()));
    await this.#ranks.stop();
    for (const source of Object.values<{ stop(): void }>({ ...this.#sources })) source.stop();
    await this.#cluster.close();
  }
}
