import pMap from "p-map";
import { Discovery } from "../../capabilities/cluster/discovery";
import type { Cluster } from "../../capabilities/cluster/k8s";
import { placeKey, refOf } from "../../capabilities/kube/kinds";
import { beginLook, type Look } from "../../capabilities/lock/look";
import { ManifestReader } from "../../capabilities/lock/manifest-reader";
import { newestRecord } from "../../capabilities/release/newest";
import { releaseKey, type ReleaseRef } from "../../capabilities/release/release";
import { Revisions } from "../../capabilities/release/revisions";
import { RecordStorage, type Newest } from "../../capabilities/release/storage";
import { recordReaders } from "../../capabilities/sources/release-records";
import type { Lock, Tracked } from "../../capabilities/state/lock";
import { track } from "../../capabilities/state/new-tracked";
import { phaseOf, type Phase } from "../../capabilities/state/phase";
import { sealOf, untampered } from "../../capabilities/state/seal";
import type { Standing } from "../../capabilities/state/standing";
import { Store } from "../../capabilities/state/store";
import { miss, see } from "../../capabilities/state/tracked";
import type { Ruling } from "../access/locks";
import type { Finding, Inspection } from "./finding";
import { recollect, restsOnMemory } from "./recollection";
import { Rehearsal, type Asking } from "./rehearsal";
import { Rivals } from "./rivals";

/** How many objects are looked at at the same time. */
const AT_ONCE = { concurrency: 8 };

/** What of a release is looked at, and how. */
export interface Scope {
  /** How it is locked, or would be. @default as its HelmRelease says */
  readonly standing?: Standing | undefined;
  /** Of which phases there are findings. @default where a lock looks for drift */
  readonly isMeant?: (phase: Phase) => boolean;
  /** Of which places (see `placeKey`) there are findings; all are read, as together they tell who Helm is. @default all */
  readonly isWanted?: (place: string) => boolean;
}

const NOTHING_FOUND = { isServerSide: false, findings: [], untracked: [], forgotten: undefined };

/** Looks at releases as a lock does, and writes nothing. */
export class Inspector {
  /** Which revisions were seen. */
  readonly revisions = new Revisions(() => true);
  readonly #cluster: Cluster;
  readonly #storage: RecordStorage;
  readonly #manifests: ManifestReader;
  readonly #rehearsal: Rehearsal;
  readonly #store = new Store();
  /** What other releases track. */
  readonly rivals: Rivals;

  constructor(cluster: Cluster, asking: Asking) {
    this.#cluster = cluster;
    this.#storage = new RecordStorage(recordReaders(cluster), this.revisions);
    this.#manifests = new ManifestReader(new Discovery(cluster));
    this.rivals = new Rivals({ newest: this.#newest.bind(this), manifests: this.#manifests });
    this.#rehearsal = new Rehearsal(cluster, this.rivals, asking);
  }

  /** Whether the server has refused a question for want of a right. */
  get isDenied(): boolean {
    return this.#rehearsal.isDenied;
  }

  /**
   * Looks at a release.
   *
   * @param ruling what locks it, as far as that is known
   * @throws ApiError, NetworkError
   */
  async inspect(
    release: ReleaseRef,
    ruling: Ruling | undefined,
    { standing = ruling?.governor.standing, isMeant = isLocked, isWanted = () => true }: Scope = {},
  ): Promise<Inspection> {
    const lock = this.#store.register(releaseKey(release), release, standing);
    const { memories, denied } = await recollect(this.#cluster, ruling);
    for (const memory of memories) this.#store.recall(lock, memory);
    const read = await this.#newest(release);
    const newest = untampered(read, sealOf(read), lock);
    const phase = phaseOf(newest);
    if (newest.is !== "record" || !isMeant(phase)) return { ...NOTHING_FOUND, release, lock, phase };
    const { state, record, writers } = newest;
    const { objects, untracked } = await this.#manifests.read(record.manifest, release);
    const { description, notes } = record;
    this.#store.load(lock, { phase, record: { ...state, description, notes, writers }, seal: undefined });
    const tracked = objects.map(({ kind, desired }) => track(lock, kind, desired));
    this.#store.track(lock, { manifest: undefined, objects: tracked, untracked });
    const errors = await pMap(tracked, object => this.#read(object), AT_ONCE);
    const wanted = [...tracked.entries()].filter(([, { kind, desired }]) =>
      isWanted(placeKey(kind, desired)),
    );
    const findings = await pMap(wanted, ([index, object]) => this.#find(object, errors[index]), AT_ONCE);
    const forgotten = findings.some(restsOnMemory) ? denied : undefined;
    return { release, lock, phase, isServerSide: record.isServerSide, findings, untracked, forgotten };
  }

  #newest(release: ReleaseRef): Promise<Newest> {
    return newestRecord(release, { storage: this.#storage, revisions: this.revisions });
  }

  /** @returns why it could not be read */
  async #read(tracked: Tracked): Promise<unknown> {
    const { name, namespace } = refOf(tracked.desired);
    try {
      const object = await this.#cluster.K8s(tracked.kind).InNamespace(namespace).Get(name);
      if (object) see(tracked, object);
      else miss(tracked, "not found");
      return undefined;
    } catch (error) {
      return error;
    }
  }

  async #find(tracked: Tracked, unread: unknown): Promise<Finding> {
    const { lock } = tracked;
    const look = beginLook({
      tracked,
      held: heldOf(lock),
      manager: this.#store.managerOf(lock),
      attempt: 1,
      isVouched: () => false,
    });
    const { operation } = look;
    if (unread !== undefined) return { look, operation, anew: undefined, error: unread };
    try {
      const decided = await this.#rehearsal.operationFor(look);
      const anew = await this.#rehearsal.anew(look, decided);
      return { look, operation: decided, anew, error: undefined };
    } catch (error) {
      return { look, operation: look.operation, anew: undefined, error };
    }
  }
}

/** Whether what a release should be is known, so that a lock looks for drift. */
export function isLocked({ stance }: Phase): boolean {
  return stance === "lock";
}

function heldOf({ record }: Lock): Look["held"] {
  if (!record) throw new Error("a lock without a record has no objects");
  return record;
}
