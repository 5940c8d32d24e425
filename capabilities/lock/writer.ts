import { ConflictError, InvalidError } from "../cluster/errors";
import type { Cluster, KindActions, WriteConfig } from "../cluster/k8s";
import { ifThere } from "../cluster/replies";
import { changedBy } from "../drift/blame";
import { isKept, learnFromApply, learnFromRemoval } from "../drift/known";
import type { Observed, Operation, Removed } from "../drift/operation";
import { makingAnew } from "../drift/right";
import { removal, takeover } from "../drift/takeover";
import { refOf } from "../kube/kinds";
import type { KubeObject, PatchOperation } from "../kube/object";
import { stateOf } from "../kube/version";
import type { Reporter } from "../report/reporter";
import type { Tracked } from "../state/lock";
import type { Reverted } from "../state/news";
import { doubt, see, verified } from "../state/tracked";
import type { Clearance } from "./clearance";
import type { Creator } from "./creator";
import type { Fights } from "./fights";
import type { Pass } from "./gate";
import { judgingOf, type Later, type Look, type Step } from "./look";

/** Operations that write. */
type Write = Extract<Operation, { do: "create" | "apply" | "remove" | "take over" | "patch" }>;

/** Whether an operation writes; all others find out or wait. */
export function isWrite(operation: Operation): operation is Write {
  return WRITES.has(operation.do);
}

const WRITES: ReadonlySet<Operation["do"]> = new Set(["create", "apply", "remove", "take over", "patch"]);

/** What a write goes through, and where what it did goes. */
interface Parts {
  readonly cluster: Cluster;
  readonly clearance: Clearance;
  readonly creator: Creator;
  readonly fights: Fights;
  readonly reporter: Reporter;
}

/** The only place that writes to users' objects: carries out one operation, learns from the reply, reports what was done. */
export class Writer {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** What a write would make of the object. */
  dryRun({ tracked, manager }: Look, payload: KubeObject): Promise<KubeObject> {
    return this.#apply(tracked, payload, { fieldManager: manager, dryRun: true });
  }

  /** What would be left if something was removed; undefined where that is refused. */
  dryRemoval(look: Look, live: KubeObject, removed: readonly Removed[]): Promise<KubeObject | undefined> {
    return this.#dryPatch(look, removal(live, removed));
  }

  /** What would be left if everything was made anew; undefined where that is refused. */
  dryAnew(
    look: Look,
    { live, payload }: { live: KubeObject; payload: KubeObject },
  ): Promise<KubeObject | undefined> {
    return this.#dryPatch(look, makingAnew(payload, live));
  }

  async #dryPatch({ tracked, manager }: Look, patch: PatchOperation[]): Promise<KubeObject | undefined> {
    try {
      const api = this.#parts.cluster.K8s(tracked.kind, refOf(tracked.desired));
      return await api.Patch(patch, { fieldManager: manager, dryRun: true });
    } catch (error) {
      if (error instanceof InvalidError) return undefined;
      throw error;
    }
  }

  /**
   * Carries out an operation, unless Helm has moved on since the object was observed, or somebody has changed the
   * object since.
   *
   * @throws ApiError, NetworkError, TooLateError: try again
   */
  async write(look: Look, operation: Write): Promise<Step> {
    const before = look.tracked.observed;
    const later = this.#holdOff(look, operation);
    if (later) return later;
    // A create says nothing about the object's state, so it leaves right after its own check.
    const isUpdate = operation.do !== "create" && "at" in before;
    const pass = await this.#parts.clearance.check(look, isUpdate ? before.at : performance.now());
    if (!pass) return "done";
    try {
      return await this.#carryOut(look, operation, pass);
    } catch (error) {
      return await this.#afterRefusal(look, operation, { error, before });
    }
  }

  /** What changed meanwhile is looked at again; what can't be mended alone may be mended with what is beside it. */
  async #afterRefusal(
    look: Look,
    operation: Write,
    { error, before }: { error: unknown; before: Observed },
  ): Promise<Step> {
    const { tracked } = look;
    if (await this.#isRace(tracked, operation, error)) {
      if (tracked.observed === before) doubt(tracked);
      return "again";
    }
    if (!(error instanceof InvalidError) || look.isRefused || operation.do === "create") throw error;
    look.isRefused = true;
    return "again";
  }

  /** Holds off if the same change was already reverted too often. */
  #holdOff({ tracked, manager }: Look, operation: Write): Later | undefined {
    const live = operation.do === "create" ? undefined : operation.live;
    const fields = operation.do === "create" ? [] : operation.fields;
    const retryAfter = this.#parts.fights.pause(tracked, live, performance.now());
    const by = live ? changedBy(live, fields, manager) : [];
    return retryAfter > 0 ? { retryAfter, problem: { is: "fought over", by } } : undefined;
  }

  async #carryOut(look: Look, operation: Write, { notAfter }: Pass): Promise<Step> {
    const { tracked, manager } = look;
    const config = { fieldManager: manager, notAfter };
    if (operation.do === "create") return this.#parts.creator.create(look, config);
    const { live, fields } = operation;
    const api = this.#parts.cluster.K8s(tracked.kind, refOf(tracked.desired));
    switch (operation.do) {
      case "apply": {
        const precondition = stateOf(live);
        const reply = await this.#apply(tracked, operation.payload, { ...config, precondition });
        verified(tracked, learnFromApply(tracked.known, judgingOf(look, reply)));
        this.#wrote(
          look,
          { live, reply, removed: look.takenOver?.removed ?? [] },
          { operation: "apply", fields },
        );
        break;
      }
      case "remove": {
        const { removed } = operation;
        const reply = await api.Patch(removal(live, removed), config);
        this.#wrote(look, { live, reply, removed }, { operation: "remove", fields });
        break;
      }
      case "patch": {
        await this.#patch(look, operation, config);
        break;
      }
      case "take over": {
        const { additions, removed } = operation;
        see(tracked, await api.Patch(takeover(live, additions, manager), config));
        look.takenOver = { live, fields, by: changedBy(live, fields, manager), removed };
      }
    }
    return "again";
  }

  async #patch(look: Look, operation: Extract<Write, { do: "patch" }>, config: WriteConfig): Promise<void> {
    const { tracked } = look;
    const { live, fields, removed } = operation;
    const api = this.#parts.cluster.K8s(tracked.kind, refOf(tracked.desired));
    const reply = await api.Patch(operation.patch, config);
    if (look.anew !== undefined) look.broughtBack = stateOf(reply).resourceVersion;
    // What a patch can't change, the server makes by itself.
    if (isSame(reply, live)) verified(tracked, learnFromApply(tracked.known, judgingOf(look, reply)));
    this.#wrote(look, { live, reply, removed }, { operation: "apply", fields });
  }

  /** Writes by server-side apply or, if the server refuses that (SchemaError), as Helm's client side does. */
  #apply({ kind, isApplicable }: Tracked, payload: KubeObject, config: WriteConfig): Promise<KubeObject> {
    const api: KindActions = this.#parts.cluster.K8s(kind);
    return isApplicable ? api.Apply(payload, { ...config, force: true }) : api.Merge(payload, config);
  }

  /** Notes what a write has made of an object, and reports it if that was a change. */
  #wrote(
    look: Look,
    { live, reply, removed }: { live: KubeObject; reply: KubeObject; removed: readonly Removed[] },
    { operation, fields }: Pick<Reverted, "operation" | "fields">,
  ): void {
    const { tracked, manager, takenOver } = look;
    const { fights, reporter } = this.#parts;
    verified(tracked, learnFromRemoval(tracked.known, reply, removed));
    see(tracked, reply);
    look.takenOver = undefined;
    const kept = removed.filter(({ pointer, value }) => isKept(tracked.known, pointer, value));
    const restored = (takenOver?.fields ?? fields).filter(
      field => !kept.some(({ pointer }) => pointer === field),
    );
    if (isSame(reply, live) || restored.length === 0) return;
    fights.note(tracked, takenOver?.live ?? live, performance.now());
    const by = takenOver?.by ?? changedBy(live, restored, manager);
    reporter.reverted({ tracked, operation, fields: restored, by });
  }

  /** A JSON patch on an object that has changed is refused as invalid; only a look tells that from one that can't be. */
  async #isRace({ kind, desired }: Tracked, operation: Write, error: unknown): Promise<boolean> {
    if (error instanceof ConflictError) return true;
    const isPatch = operation.do !== "create" && operation.do !== "apply";
    if (!(error instanceof InvalidError) || !isPatch) return false;
    const { name, namespace } = refOf(desired);
    const now = await ifThere(this.#parts.cluster.K8s(kind).InNamespace(namespace).Get(name));
    return !now || stateOf(now).resourceVersion !== stateOf(operation.live).resourceVersion;
  }
}

function isSame(one: KubeObject, other: KubeObject): boolean {
  return stateOf(one).resourceVersion === stateOf(other).resourceVersion;
}
