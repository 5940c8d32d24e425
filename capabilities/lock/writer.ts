import { setTimeout as delay } from "node:timers/promises";
import { ConflictError, InvalidError, NotFoundError } from "../cluster/errors";
import type { Cluster, KindActions, WriteConfig } from "../cluster/k8s";
import { ifThere } from "../cluster/replies";
import { adopt } from "../drift/adopt";
import { changedBy } from "../drift/blame";
import { learn, type Operation } from "../drift/decide";
import { removal, takeover } from "../drift/takeover";
import { DEFINITIONS, definitionOf, refOf, type Kind } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import { stateOf } from "../kube/version";
import type { Reporter } from "../report/reporter";
import type { Tracked } from "../state/lock";
import type { Reverted } from "../state/news";
import { toLoad } from "../state/requests";
import { doubt, see, verified } from "../state/tracked";
import type { Queue } from "../work/queue";
import type { Fights } from "./fights";
import type { Gate, Pass } from "./gate";
import type { Later, Look, Step } from "./look";

/** Milliseconds between attempts to confirm a create, and the number of attempts. */
const CONFIRM = { pause: 500, attempts: 60 };

/** Operations that write. */
type Write = Extract<Operation, { do: "create" | "apply" | "remove" | "take over" }>;

/** What a write needs, and where its results go. */
interface Parts {
  readonly cluster: Cluster;
  readonly gate: Gate;
  readonly fights: Fights;
  readonly queue: Queue;
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

  /**
   * Carries out an operation, unless Helm has moved on since the object was observed, or somebody has changed the
   * object since.
   *
   * @throws ApiError, NetworkError, TooLateError: try again
   */
  async write(look: Look, operation: Write): Promise<Step> {
    const { tracked } = look;
    const before = tracked.observed;
    const later = this.#holdOff(look, operation);
    if (later) return later;
    // A create says nothing about the object's state, so it leaves right after its own check.
    const isUpdate = operation.do !== "create" && "at" in before;
    const pass = await this.#check(look, isUpdate ? before.at : performance.now());
    if (!pass) return "done";
    try {
      return await this.#carryOut(look, operation, pass);
    } catch (error) {
      if (!(await this.#isRace(tracked, operation, error))) throw error;
      if (tracked.observed === before) doubt(tracked);
      return "again";
    }
  }

  /** Holds off if the same change was already reverted too often. */
  #holdOff({ tracked, manager }: Look, operation: Write): Later | undefined {
    const live = operation.do === "create" ? undefined : operation.live;
    const fields = operation.do === "create" ? [] : operation.fields;
    const retryAfter = this.#parts.fights.pause(tracked, live, performance.now());
    const by = live ? changedBy(live, fields, manager) : [];
    return retryAfter > 0 ? { retryAfter, problem: { is: "fought over", by } } : undefined;
  }

  /** Checks exactly the record that the desired object comes from: a newer one may have been loaded meanwhile. */
  async #check({ tracked: { lock }, held }: Look, observedAt: number): Promise<Pass | undefined> {
    const { record, phase } = lock;
    const isSame = record?.uid === held.uid && record.resourceVersion === held.resourceVersion;
    if (!isSame || phase?.stance !== "lock") return undefined;
    const pass = await this.#parts.gate.check(lock.release, held, observedAt);
    if (!pass) this.#parts.queue.addNow(toLoad(lock.release));
    return pass;
  }

  async #carryOut(look: Look, operation: Write, { notAfter }: Pass): Promise<Step> {
    const { tracked, manager } = look;
    const config = { fieldManager: manager, notAfter };
    if (operation.do === "create") return this.#create(look, config);
    const { live, fields } = operation;
    if (operation.do === "apply") {
      const precondition = stateOf(live);
      const reply = await this.#apply(tracked, operation.payload, { ...config, precondition });
      this.#wrote(look, { live, reply }, { operation: "apply", fields });
      return "again";
    }
    const { additions } = operation;
    const api = this.#parts.cluster.K8s(tracked.kind, refOf(tracked.desired));
    if (operation.do === "remove") {
      const reply = await api.Patch(removal(live, additions), config);
      const removed = additions.map(({ pointer }) => pointer);
      this.#wrote(look, { live, reply }, { operation: "remove", fields: removed });
      return "again";
    }
    see(tracked, await api.Patch(takeover(live, additions, manager), config));
    look.takenOver = { live, fields, by: changedBy(live, fields, manager) };
    return "again";
  }

  /** Writes by server-side apply or, if the server refuses that (SchemaError), as Helm's client side does. */
  #apply({ kind, isApplicable }: Tracked, payload: KubeObject, config: WriteConfig): Promise<KubeObject> {
    const api: KindActions = this.#parts.cluster.K8s(kind);
    return isApplicable ? api.Apply(payload, { ...config, force: true }) : api.Merge(payload, config);
  }

  /** Notes what a write has made of an object, and reports it if that was a change. */
  #wrote(
    look: Look,
    { live, reply }: { live: KubeObject; reply: KubeObject },
    done: Pick<Reverted, "operation" | "fields">,
  ): void {
    const { tracked, manager, takenOver } = look;
    const { fights, reporter } = this.#parts;
    const removed = done.operation === "remove" || takenOver !== undefined;
    const before = removed ? undefined : (tracked.known?.additions ?? new Map<string, never>());
    verified(tracked, learn(adopt(tracked.desired, reply, look.isAutoscaled), reply, manager, before));
    see(tracked, reply);
    if (stateOf(reply).resourceVersion === stateOf(live).resourceVersion) return;
    fights.note(tracked, takenOver?.live ?? live, performance.now());
    const { fields, by } = takenOver ?? { fields: done.fields, by: changedBy(live, done.fields, manager) };
    reporter.reverted({ tracked, operation: done.operation, fields, by });
    look.takenOver = undefined;
  }

  async #create(look: Look, config: WriteConfig & { readonly fieldManager: string }): Promise<Step> {
    const { tracked } = look;
    const { cluster, fights, reporter } = this.#parts;
    if (await this.#isBeingUndefined(tracked.kind)) return { problem: { is: "undefined" } };
    const api = cluster.K8s(tracked.kind);
    // A POST would leave an Update entry of the manager in managedFields, with which Helm 4's next upgrade conflicts.
    const reply = await (tracked.isApplicable
      ? api.Apply(tracked.desired, { ...config, force: true, precondition: "absent" })
      : api.Create(tracked.desired, config));
    verified(tracked, learn(adopt(tracked.desired, reply), reply, config.fieldManager, new Map()));
    see(tracked, reply);
    if (!(await this.#confirm(look, reply))) return "again";
    fights.note(tracked, undefined, performance.now());
    reporter.reverted({ tracked, operation: "create", fields: [], by: [] });
    return "again";
  }

  /**
   * While a CRD is being deleted, the API server refuses to create its objects, but accepts an apply. The CRD's
   * deletion would then wait for our object. Source: apiextensions-apiserver, customresource_handler.go.
   */
  async #isBeingUndefined(kind: Kind): Promise<boolean> {
    const definition = definitionOf(kind);
    if (!definition) return false;
    const found = await ifThere(this.#parts.cluster.K8s(DEFINITIONS).MetadataOnly().Get(definition.name));
    return found?.metadata.deletionTimestamp !== undefined;
  }

  /**
   * Reads the phase once more. If Helm moved on while the object was being created, Helm did not find the object then
   * and must not find it now. Continues through outages and refusals, because nobody would look again.
   */
  async #confirm(look: Look, created: KubeObject): Promise<boolean> {
    const { kind } = look.tracked;
    for (let attempt = 1; ; attempt++) {
      try {
        if (await this.#check(look, performance.now())) return true;
        await this.#parts.cluster.K8s(kind, refOf(created)).Delete(stateOf(created));
        return false;
      } catch (error) {
        if (error instanceof NotFoundError || error instanceof ConflictError) return false;
        if (attempt === CONFIRM.attempts) throw error;
        await delay(CONFIRM.pause);
      }
    }
  }

  /** The API server refuses a JSON patch as invalid if the object has changed. Only another look distinguishes that from a bad patch. */
  async #isRace({ kind, desired }: Tracked, operation: Write, error: unknown): Promise<boolean> {
    if (error instanceof ConflictError) return true;
    const isPatch = operation.do === "remove" || operation.do === "take over";
    if (!(error instanceof InvalidError) || !isPatch) return false;
    const { name, namespace } = refOf(desired);
    const now = await ifThere(this.#parts.cluster.K8s(kind).InNamespace(namespace).Get(name));
    return !now || stateOf(now).resourceVersion !== stateOf(operation.live).resourceVersion;
  }
}
