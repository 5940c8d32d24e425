import { isDeepStrictEqual } from "node:util";
import { ForbiddenError } from "../cluster/errors";
import type { Cluster } from "../cluster/k8s";
import { ifThere } from "../cluster/replies";
import { refOf, type Kind } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import { stateOf } from "../kube/version";
import { newestRecord, type RecordSearch } from "../release/newest";
import type { ReleaseStatus } from "../release/record";
import type { Tracked } from "../state/lock";
import type { Look } from "./look";
import type { ManifestReader } from "./manifest-reader";

/** What of a release with such a record Helm takes, or has taken, away. */
const GOING: ReadonlySet<ReleaseStatus> = new Set(["uninstalling", "uninstalled"]);

/** What tells whether Helm still wants an object. */
interface Parts extends RecordSearch {
  readonly cluster: Cluster;
  readonly manifests: ManifestReader;
}

/** Takes back what was created while Helm moved on. */
export class Undo {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Deletes an object that was created a moment ago, unless the release's newest record tracks it: then it is Helm's to change, or the
   * next look's. Its state is read before the record, as before every write: what Helm does to it from then on makes the deletion fail.
   *
   * @returns whether it is gone
   * @throws ConflictError where it has changed meanwhile; ApiError, NetworkError: try again
   */
  async takeBack(look: Look, created: KubeObject): Promise<boolean> {
    const { tracked } = look;
    const { kind } = tracked;
    const { name, namespace } = refOf(created);
    const { cluster } = this.#parts;
    const now = await cluster.K8s(kind).InNamespace(namespace).MetadataOnly().Get(name);
    if (!now || stateOf(now).uid !== stateOf(created).uid) return true;
    if (await this.#isTracked(tracked)) return false;
    await this.#delete(look, now);
    return true;
  }

  /** Whichever of the two may: the ServiceAccount that has created it, or the locker itself. */
  async #delete({ tracked, account }: Look, object: KubeObject): Promise<void> {
    const api = this.#parts.cluster.K8s(tracked.kind, refOf(object));
    try {
      await ifThere(api.Delete(stateOf(object), { as: account }));
    } catch (error) {
      if (!account || !(error instanceof ForbiddenError && error.rule)) throw error;
      await ifThere(api.Delete(stateOf(object), {}));
    }
  }

  async #isTracked({ lock: { release }, kind, desired }: Tracked): Promise<boolean> {
    const newest = await newestRecord(release, this.#parts);
    if (newest.is === "missing") return false;
    // What can't be read may track it.
    if (newest.is === "unreadable") return true;
    if (GOING.has(newest.record.status)) return false;
    const { objects } = await this.#parts.manifests.read(newest.record.manifest, release);
    return objects.some(
      other => isSameKind(other.kind, kind) && isDeepStrictEqual(refOf(other.desired), refOf(desired)),
    );
  }
}

/** Whether they are versions of one kind. */
function isSameKind(one: Kind, other: Kind): boolean {
  return one.group === other.group && one.kind === other.kind;
}
