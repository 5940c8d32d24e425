import { setTimeout as delay } from "node:timers/promises";
import type { Access } from "../cluster/access";
import type { Cluster } from "../cluster/k8s";
import type { WriteConfig } from "../cluster/write-config";
import { learnFromApply } from "../drift/known";
import { DEFINITIONS, definitionOf, refOf, type Kind } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import { stateOf } from "../kube/version";
import { see, verified } from "../state/tracked";
import { untilSomebodyActs } from "../work/retry";
import type { Chronicle } from "./chronicle";
import type { Clearance } from "./clearance";
import { DELETED, type Fights } from "./fights";
import { judgingOf, seenAt, type Later, type Look, type Step } from "./look";
import type { Undo } from "./undo";

/** Milliseconds between attempts to confirm a create, or to take it back, and how many there are. */
const CONFIRM = { pause: 500, attempts: 60 };

/** What a create goes through, and where what it did goes. */
interface Parts {
  readonly cluster: Cluster;
  readonly access: Access;
  readonly clearance: Clearance;
  readonly undo: Undo;
  readonly fights: Fights;
  readonly chronicle: Chronicle;
}

/** Makes missing objects anew, and takes back what it has made while Helm moved on. */
export class Creator {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Why the object of a look can't be created now, if it can't. @throws ApiError, NetworkError */
  async obstacle(look: Look): Promise<Later | undefined> {
    const { account, tracked } = look;
    const { kind, desired } = tracked;
    if (await this.#isUndefined(kind)) return { problem: { is: "undefined" } };
    const { namespace } = refOf(desired);
    if (!account || (await this.#parts.access.mayTakeBack({ kind, namespace, account }))) return undefined;
    return { problem: { is: "irrevocable", account }, retryAfter: untilSomebodyActs(look.attempt) };
  }

  /**
   * Creates the object of a look.
   *
   * @throws ConflictError where it exists; ApiError, NetworkError, TooLateError: to be tried again
   */
  async create(look: Look, config: WriteConfig): Promise<Step> {
    const { tracked } = look;
    const { cluster, fights, chronicle } = this.#parts;
    const api = cluster.K8s(tracked.kind);
    // A POST would leave an Update entry of the manager in managedFields, with which Helm 4's next upgrade conflicts.
    const reply = await (tracked.isApplicable
      ? api.Apply(tracked.desired, { ...config, force: true, precondition: "absent" })
      : api.Create(tracked.desired, config));
    const tookMs = performance.now() - seenAt(look);
    verified(tracked, learnFromApply(undefined, judgingOf(look, reply)));
    see(tracked, reply);
    if (!(await this.#stays(look, reply))) return "again";
    fights.note(tracked, DELETED, performance.now());
    const { uid } = stateOf(reply);
    chronicle.reverted({ tracked, operation: "create", fields: [], by: [], before: undefined, uid, tookMs });
    return "again";
  }

  /**
   * The API server refuses to create what has a definition that is being deleted, but not
   * by an apply, and then the definition's end would wait for ours. Source: apiextensions-apiserver, customresource_handler.go.
   */
  async #isUndefined(kind: Kind): Promise<boolean> {
    const definition = definitionOf(kind);
    if (!definition) return false;
    const found = await this.#parts.cluster.K8s(DEFINITIONS).MetadataOnly().Get(definition.name);
    return found?.metadata.deletionTimestamp !== undefined;
  }

  /**
   * Reads the phase once more: if Helm moved on while the object was being created, Helm may not have found it there, and then must not
   * find it now. Goes on through outages, refusals and changes of the object, since nobody would look again.
   */
  async #stays(look: Look, created: KubeObject): Promise<boolean> {
    const { clearance, undo } = this.#parts;
    for (let attempt = 1; ; attempt++) {
      try {
        if (await clearance.check(look, performance.now())) return true;
        return !(await undo.takeBack(look, created));
      } catch (error) {
        if (attempt === CONFIRM.attempts) throw error;
        await delay(CONFIRM.pause);
      }
    }
  }
}
