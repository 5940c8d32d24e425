import { ConflictError, InvalidError } from "../cluster/errors";
import type { Cluster } from "../cluster/k8s";
import type { WriteConfig } from "../cluster/write-config";
import { changedBy } from "../drift/blame";
import { isKept, learnFromApply, learnFromRemoval } from "../drift/known";
import type { Observed, Removed, Write } from "../drift/operation";
import { removal, takeover } from "../drift/takeover";
import { refOf } from "../kube/kinds";
import { isWithin } from "../kube/managed-fields";
import type { KubeObject } from "../kube/object";
import { isSameState, stateOf } from "../kube/version";
import type { Tracked } from "../state/lock";
import type { Reverted } from "../state/news";
import { doubt, see, verified } from "../state/tracked";
import type { Chronicle } from "./chronicle";
import type { Clearance } from "./clearance";
import type { Creator } from "./creator";
import type { DryRuns } from "./dry-runs";
import { contestedBy, type Fights } from "./fights";
import type { Pass } from "./gate";
import { judgingOf, seenAt, writingOf, type Later, type Look, type Step } from "./look";
import { isOfContent } from "./refusals";
import type { Salvage } from "./salvage";

/** What a write goes through, and where what it did goes. */
interface Parts {
  readonly cluster: Cluster;
  readonly dryRuns: Pick<DryRuns, "hasChanged">;
  readonly clearance: Clearance;
  readonly creator: Creator;
  readonly fights: Fights;
  readonly salvage: Salvage;
  readonly chronicle: Chronicle;
}

/** The only place that writes to users' objects: carries out one operation, learns from the reply, reports what was done. */
export class Writer {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Carries out an operation, unless Helm has moved on since the object was observed, or it has changed since.
   *
   * @throws ApiError, NetworkError, TooLateError: try again
   */
  async write(look: Look, operation: Write): Promise<Step> {
    const before = look.tracked.observed;
    const later = this.#holdOff(look, operation) ?? (await this.#obstacle(look, operation));
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
    const { salvage } = this.#parts;
    const isRace = await this.#isRace(tracked, operation, error);
    if (!isRace && !isOfContent(error)) throw error;
    if (isRace && tracked.observed === before) doubt(tracked);
    const gaveWay = tracked.observed !== before && salvage.giveWay(look);
    if (isRace || gaveWay) return "again";
    if (!(error instanceof InvalidError && salvage.isWorthAnotherWay(look, operation)))
      return salvage.refused(look, operation, error);
    look.isRemovalRefused = look.isRefused;
    look.isRefused = true;
    return "again";
  }

  /** Holds off if somebody makes the change again and again. */
  #holdOff(look: Look, operation: Write): Later | undefined {
    // What Helm's entry was given is pruned at once: until then, the object is neither as it was nor as it should be.
    if (look.takenOver) return undefined;
    const { tracked, manager } = look;
    const contested = contestedBy(operation, manager);
    const pause = this.#parts.fights.pause(tracked, contested, performance.now());
    if (pause.retryAfter <= 0) return undefined;
    // One fight is told of once, however many names somebody writes under.
    if (tracked.problem?.is === "fought over") return { ...pause, problem: tracked.problem };
    const by = contested.live ? changedBy(contested.live, contested.fields, manager) : [];
    return { ...pause, problem: { is: "fought over", by } };
  }

  /** What stands in the way of a create; it is looked for before the check, which has to be the last thing before a write. */
  async #obstacle(look: Look, { do: what }: Write): Promise<Later | undefined> {
    return what === "create" ? this.#parts.creator.obstacle(look) : undefined;
  }

  async #carryOut(look: Look, operation: Write, { notAfter }: Pass): Promise<Step> {
    const { tracked, manager } = look;
    const config = { ...writingOf(look), notAfter };
    if (operation.do === "create") return this.#parts.creator.create(look, config);
    const { live, fields } = operation;
    const { cluster } = this.#parts;
    const api = cluster.K8s(tracked.kind, refOf(tracked.desired));
    switch (operation.do) {
      case "apply": {
        const applied = { ...config, force: true, precondition: stateOf(live) };
        const reply = await api.Apply(operation.payload, applied);
        if (look.anew !== undefined) look.broughtBack = stateOf(reply).resourceVersion;
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
        const at = seenAt(look);
        see(tracked, await api.Patch(takeover(live, additions, manager), config));
        look.takenOver = { live, fields, by: changedBy(live, fields, manager), removed, at };
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
    if (isSameState(reply, live)) verified(tracked, learnFromApply(tracked.known, judgingOf(look, reply)));
    this.#wrote(look, { live, reply, removed }, { operation: "apply", fields });
  }

  /** Notes what a write has made of an object, and reports it if that was a change. */
  #wrote(
    look: Look,
    { live, reply, removed }: { live: KubeObject; reply: KubeObject; removed: readonly Removed[] },
    { operation, fields }: Pick<Reverted, "operation" | "fields">,
  ): void {
    const { tracked, manager, takenOver } = look;
    const { fights, chronicle } = this.#parts;
    verified(tracked, learnFromRemoval(tracked.known, reply, removed));
    see(tracked, reply);
    look.takenOver = undefined;
    const kept = removed.filter(({ pointer, value }) => isKept(tracked.known, pointer, value));
    const before = takenOver ?? { live, fields, at: seenAt(look) };
    // What was taken over may be more than the server then lets put right at once.
    const isWritten = (field: string) => fields.some(one => isWithin(field, one) || isWithin(one, field));
    const restored = before.fields.filter(
      field => isWritten(field) && !kept.some(({ pointer }) => pointer === field),
    );
    if (isSameState(reply, live) || restored.length === 0) return;
    fights.note(tracked, { ...before, manager }, performance.now());
    const by = takenOver?.by ?? changedBy(live, restored, manager);
    const { uid } = stateOf(reply);
    const tookMs = performance.now() - before.at;
    chronicle.reverted({ tracked, operation, fields: restored, by, before: before.live, uid, tookMs });
  }

  async #isRace(tracked: Tracked, operation: Write, error: unknown): Promise<boolean> {
    if (error instanceof ConflictError) return true;
    const isPatch = operation.do !== "create" && operation.do !== "apply";
    return (
      error instanceof InvalidError && isPatch && this.#parts.dryRuns.hasChanged(tracked, operation.live)
    );
  }
}
