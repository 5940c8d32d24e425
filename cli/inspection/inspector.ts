import pMap from "p-map";
import { Discovery } from "../../capabilities/cluster/discovery";
import { ForbiddenError } from "../../capabilities/cluster/errors";
import type { Cluster } from "../../capabilities/cluster/k8s";
import { ifThere } from "../../capabilities/cluster/replies";
import { decide } from "../../capabilities/drift/decide";
import type { Operation } from "../../capabilities/drift/operation";
import { withOthers } from "../../capabilities/drift/right";
import { collectionPath, placeKey, refOf } from "../../capabilities/kube/kinds";
import type { KubeObject } from "../../capabilities/kube/object";
import { DryRuns } from "../../capabilities/lock/dry-runs";
import { beginLook, judgingOf, situationOf, type Look } from "../../capabilities/lock/look";
import { ManifestReader } from "../../capabilities/lock/manifest-reader";
import { Questions, type Question } from "../../capabilities/lock/questions";
import { isOfContent, isOvercome } from "../../capabilities/lock/refusals";
import { newestRecord } from "../../capabilities/release/newest";
import { releaseKey, type ReleaseRef } from "../../capabilities/release/release";
import { Revisions } from "../../capabilities/release/revisions";
import { RecordStorage, type Newest } from "../../capabilities/release/storage";
import { recordReaders } from "../../capabilities/sources/release-records";
import type { Lock, Tracked } from "../../capabilities/state/lock";
import { track } from "../../capabilities/state/new-tracked";
import { phaseOf, type Phase } from "../../capabilities/state/phase";
import type { Untracked } from "../../capabilities/state/problems";
import type { Standing } from "../../capabilities/state/standing";
import { Store } from "../../capabilities/state/store";
import { miss, see } from "../../capabilities/state/tracked";
import { Rivals } from "./rivals";

/** How many objects are looked at at the same time. */
const AT_ONCE = { concurrency: 8 };

/** After how many steps a look gives up: its object changes faster than it can be looked at. */
const MAX_STEPS = 24;

/** A release, and what was found of its objects. */
export interface Inspection {
  readonly release: ReleaseRef;
  readonly lock: Lock;
  /** What its newest record says of it. */
  readonly phase: Phase;
  /** Whether Helm writes its objects by server-side apply. */
  readonly isServerSide: boolean;
  readonly findings: readonly Finding[];
  readonly untracked: readonly Untracked[];
}

/** One object of a release, and what a lock would do about it. */
export interface Finding {
  readonly look: Look;
  /** What a lock would do; a question, if that was not to be asked. */
  readonly operation: Operation;
  /** What the server would make of it anew, where something differs; undefined if it was not asked, or has refused that. */
  readonly anew: KubeObject | undefined;
  /** Why it could not be looked at; undefined if it was. */
  readonly error: unknown;
}

/** Looks at releases as a lock does, and writes nothing. */
export class Inspector {
  /** Which revisions were seen. */
  readonly revisions = new Revisions(() => true);
  readonly #cluster: Cluster;
  readonly #storage: RecordStorage;
  readonly #manifests: ManifestReader;
  readonly #dryRuns: DryRuns;
  readonly #questions: Questions;
  readonly #store = new Store();
  readonly #asks: boolean;
  /** Where dry runs were refused for want of a right: by collection. */
  readonly #refused = new Set<string>();
  /** What other releases track. */
  readonly rivals: Rivals;

  /** @param asks whether the server may be asked by dry runs */
  constructor(cluster: Cluster, asks: boolean) {
    this.#cluster = cluster;
    this.#storage = new RecordStorage(recordReaders(cluster), this.revisions);
    this.#asks = asks;
    this.#manifests = new ManifestReader(new Discovery(cluster));
    this.rivals = new Rivals({ newest: this.#newest.bind(this), manifests: this.#manifests });
    this.#dryRuns = new DryRuns(cluster);
    this.#questions = new Questions({ cluster, dryRuns: this.#dryRuns, rivals: this.rivals });
  }

  /** Whether the server has refused a dry run for want of a right. */
  get isDenied(): boolean {
    return this.#refused.size > 0;
  }

  /**
   * Looks at a release.
   *
   * @param standing how it is locked, or would be
   * @param isMeant of which phases there are findings; by default, where a lock looks for drift
   * @param isWanted of which places (see `placeKey`) there are findings; all are read, as together they tell who Helm is
   * @throws ApiError, NetworkError
   */
  async inspect(
    release: ReleaseRef,
    standing?: Standing,
    isMeant = isLocked,
    isWanted: (place: string) => boolean = () => true,
  ): Promise<Inspection> {
    const newest = await this.#newest(release);
    const phase = phaseOf(newest);
    const lock = this.#store.register(releaseKey(release), release, standing);
    if (newest.is !== "record" || !isMeant(phase))
      return { release, lock, phase, isServerSide: false, findings: [], untracked: [] };
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
    return { release, lock, phase, isServerSide: record.isServerSide, findings, untracked };
  }

  #newest(release: ReleaseRef): Promise<Newest> {
    return newestRecord(release, { storage: this.#storage, revisions: this.revisions });
  }

  /** @returns why it could not be read */
  async #read(tracked: Tracked): Promise<unknown> {
    const { name, namespace } = refOf(tracked.desired);
    try {
      const object = await ifThere(this.#cluster.K8s(tracked.kind).InNamespace(namespace).Get(name));
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
      withheld: [],
    });
    if (unread !== undefined) return { look, operation: look.operation, anew: undefined, error: unread };
    try {
      const operation = await this.#decide(look);
      return { look, operation, anew: await this.#anew(look, operation), error: undefined };
    } catch (error) {
      return { look, operation: look.operation, anew: undefined, error };
    }
  }

  /** Somebody may have come to own what the server makes by itself: that is asked where something was added, and fails nothing. */
  async #anew(look: Look, operation: Operation): Promise<KubeObject | undefined> {
    if (!("removed" in operation) || operation.removed.length === 0 || !this.#mayAsk(look)) return undefined;
    const payload = withOthers(judgingOf(look, operation.live));
    return this.#dryRuns.anew(look, operation.live, payload).catch((error: unknown) => {
      if (isRefusedAsking(error)) this.#refused.add(collectionOf(look));
      return undefined;
    });
  }

  async #decide(look: Look): Promise<Operation> {
    for (let step = 0; step < MAX_STEPS; step++) {
      look.operation = decide(situationOf(look));
      if (!isQuestion(look.operation)) break;
      if (isByDryRun(look.operation) && !this.#mayAsk(look)) break;
      await this.#answer(look, look.operation);
    }
    return look.operation;
  }

  async #answer(look: Look, question: Question): Promise<void> {
    try {
      await this.#questions.answer(look, question, look.tracked.observed);
    } catch (error) {
      if (isOvercome(look, error)) return;
      if (!isByDryRun(question) || !isRefusedAsking(error)) throw error;
      this.#refused.add(collectionOf(look));
    }
  }

  #mayAsk(look: Look): boolean {
    return this.#asks && !this.#refused.has(collectionOf(look));
  }
}

function collectionOf({ tracked: { kind, desired } }: Look): string {
  return collectionPath(kind, refOf(desired).namespace);
}

/** Whether what a release should be is known, so that a lock looks for drift. */
export function isLocked({ stance }: Phase): boolean {
  return stance === "lock";
}

function heldOf({ record }: Lock): Look["held"] {
  if (!record) throw new Error("a lock without a record has no objects");
  return record;
}

function isQuestion(operation: Operation): operation is Question {
  return ["observe", "ask", "probe", "compare"].includes(operation.do);
}

function isByDryRun({ do: what }: Question): boolean {
  return what === "probe" || what === "compare";
}

/** Whether the API server refuses the asking, and not what was asked about. */
function isRefusedAsking(error: unknown): boolean {
  return error instanceof ForbiddenError && !isOfContent(error);
}
