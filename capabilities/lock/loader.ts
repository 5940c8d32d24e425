import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Discovery } from "../cluster/discovery";
import { ApiError } from "../cluster/errors";
import { groupOf, pathProblem, type Resource } from "../cluster/resources";
import { parseManifestInPieces, type ManifestProblem } from "../release/manifest";
import type { KubeObject } from "../release/object";
import { withOwnership } from "../release/ownership";
import type { ReleaseRef } from "../release/release";
import type { Revisions } from "../release/revisions";
import type { Newest, RecordStorage } from "../release/storage";
import { phaseOf, type Phase } from "./phase";
import { objectKey, type HeldRecord, type Lock, type Store, type Tracked } from "./store";

/** What a load found. */
export interface Loaded {
  readonly phase: Phase;
  /** The phase before; undefined at the first load. */
  readonly before: Phase | undefined;
  /** Whether the newest record is another one than before. */
  readonly isAnother: boolean;
  /** Whether kinds of the manifest are not served yet: the lock has to be loaded again. */
  readonly waiting: boolean;
}

/** What a manifest means on this cluster. */
interface Reading {
  /** Names the manifest; undefined where it has to be read again. */
  readonly digest: string | undefined;
  readonly objects: readonly { resource: Resource; desired: KubeObject }[];
  readonly problems: string[];
  readonly waiting: boolean;
}

/** Brings a lock in line with the newest record of its release. */
export class Loader {
  readonly #storage: RecordStorage;
  readonly #revisions: Revisions;
  readonly #discovery: Discovery;
  readonly #store: Store;

  constructor(parts: { storage: RecordStorage; revisions: Revisions; discovery: Discovery; store: Store }) {
    this.#storage = parts.storage;
    this.#revisions = parts.revisions;
    this.#discovery = parts.discovery;
    this.#store = parts.store;
  }

  /**
   * Reads the newest record and, where it is deployed, what it tracks.
   *
   * @throws ApiError, NetworkError: to be tried again
   */
  async load(lock: Lock): Promise<Loaded> {
    const newest = untampered(
      await this.#storage.newest(lock.release, this.#revisions.highest(lock.release)),
      lock,
    );
    const phase = phaseOf(newest);
    const reading = await this.#readNew(newest, phase, lock);
    const before = lock.phase;
    const held = heldOf(newest);
    const isAnother = lock.record?.uid !== held?.uid;
    lock.phase = phase;
    lock.failure = undefined;
    lock.record = held;
    if (newest.is === "record" && phase.stance === "lock") {
      lock.seal = { uid: newest.state.uid, digest: digestOf(newest.record.manifest) };
    }
    if (reading) this.#track(lock, reading);
    return { phase, before, isAnother, waiting: reading?.waiting ?? false };
  }

  /**
   * Whether a release's newest record tracks an object. An uninstalled release tracks nothing.
   *
   * @param object with its namespace, where its kind has one
   */
  async tracks(release: ReleaseRef, object: KubeObject): Promise<boolean> {
    const newest = await this.#storage.newest(release, this.#revisions.highest(release));
    // What can't be read may track it: its own Helm comes first.
    if (newest.is === "unreadable") return true;
    if (newest.is === "missing" || newest.record.status === "uninstalled") return false;
    const { objects } = await parseManifestInPieces(newest.record.manifest);
    return objects.some(other => isSameObject(other, object, release.namespace));
  }

  /** @returns what the lock has to track from now on; undefined where that stays as it is */
  async #readNew(newest: Newest, phase: Phase, lock: Lock): Promise<Reading | undefined> {
    if (phase.stance === "unlock") return { digest: undefined, objects: [], problems: [], waiting: false };
    if (phase.stance === "stand down" || newest.is !== "record") return undefined;
    const { manifest } = newest.record;
    const digest = digestOf(manifest);
    return digest === lock.manifest ? undefined : this.#read(manifest, digest, lock.release);
  }

  async #read(manifest: string, digest: string, release: ReleaseRef): Promise<Reading> {
    const parsed = await parseManifestInPieces(manifest);
    const problems = parsed.problems.map(problemWords);
    const objects: { resource: Resource; desired: KubeObject }[] = [];
    let waiting = false;
    for (const object of parsed.objects) {
      const problem = pathProblem(object);
      const resource = problem ?? (await this.#find(object));
      if (typeof resource !== "string") {
        objects.push({ resource, desired: place(withOwnership(object, release), resource, release) });
        continue;
      }
      waiting ||= problem === undefined;
      problems.push(`${object.kind} ${object.metadata.name}: ${resource}`);
    }
    return { digest: waiting ? undefined : digest, objects, problems, waiting };
  }

  /**
   * @returns the kind of an object; or why there is none for now: one aggregated API server that does not answer must not unlock the rest
   * of a release
   */
  async #find({ apiVersion, kind }: KubeObject): Promise<Resource | string> {
    try {
      return (await this.#discovery.find(apiVersion, kind)) ?? `kind ${kind} of ${apiVersion} is not served`;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return `kind ${kind} of ${apiVersion} can't be looked up: ${error.message}`;
    }
  }

  /** Objects that stay desired as they were keep what is known of them. */
  #track(lock: Lock, { digest, objects, problems }: Reading): void {
    const known = lock.objects;
    const tracked = objects.map(({ resource, desired }) => {
      const old = known.get(objectKey(resource, desired));
      return old && isDeepStrictEqual(old.desired, desired)
        ? old
        : newTracked({ lock, resource, desired }, old);
    });
    lock.manifest = digest;
    lock.problems = problems;
    lock.manager = undefined;
    this.#store.track(lock, tracked);
  }
}

/** A changed object has to be verified anew; what was last seen of it, and not looked at since, still holds. */
function newTracked(what: Pick<Tracked, "lock" | "resource" | "desired">, old: Tracked | undefined): Tracked {
  return {
    ...what,
    observed: old?.observed.as === "live" ? old.observed : { as: "unknown" },
    resourceVersion: old?.resourceVersion,
    rival: old?.rival,
    vote: old?.vote,
    known: undefined,
    isApplicable: true,
    wasSeen: old?.wasSeen ?? false,
    isFinished: old?.isFinished,
    problem: undefined,
  };
}

/** The namespace defaults to the release's, for namespaced kinds only. Source: Helm's kube client, which builds with that default. */
function place(object: KubeObject, resource: Resource, release: ReleaseRef): KubeObject {
  const { namespace, ...metadata } = object.metadata;
  if (!resource.namespaced) return { ...object, metadata: { ...metadata, name: object.metadata.name } };
  return { ...object, metadata: { ...object.metadata, namespace: namespace ?? release.namespace } };
}

/**
 * Helm never rewrites the manifest of a revision: one that changes under the same uid was changed by somebody who can write Secrets,
 * and is not believed.
 */
function untampered(newest: Newest, { seal }: Lock): Newest {
  if (newest.is !== "record" || seal?.uid !== newest.state.uid) return newest;
  if (digestOf(newest.record.manifest) === seal.digest) return newest;
  const { revision, driver } = newest.state;
  const reason =
    `the manifest in the ${driver} of revision ${revision} was changed, which Helm never does: ` +
    "restore it, or let helm upgrade or rollback make a new revision";
  return { is: "unreadable", revision, reason };
}

function digestOf(manifest: string): string {
  return createHash("sha256").update(manifest).digest("hex");
}

function isSameObject(written: KubeObject, object: KubeObject, defaultNamespace: string): boolean {
  const isSameKind = written.kind === object.kind && groupOf(written) === groupOf(object);
  const namespace =
    object.metadata.namespace === undefined ? undefined : (written.metadata.namespace ?? defaultNamespace);
  return (
    isSameKind && written.metadata.name === object.metadata.name && namespace === object.metadata.namespace
  );
}

function heldOf(newest: Newest): HeldRecord | undefined {
  if (newest.is !== "record") return undefined;
  const { description, notes } = newest.record;
  return { ...newest.state, description, notes };
}

function problemWords({ document, source, reason }: ManifestProblem): string {
  return `document ${document} of the manifest${source === undefined ? "" : ` (${source})`}: ${reason}`;
}
