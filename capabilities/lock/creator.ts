import { setTimeout as delay } from "node:timers/promises";
import { ConflictError, NotFoundError } from "../cluster/errors";
import type { Cluster, WriteConfig } from "../cluster/k8s";
import { ifThere } from "../cluster/replies";
import { learnFromApply } from "../drift/known";
import { DEFINITIONS, definitionOf, refOf, type Kind } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import { stateOf } from "../kube/version";
import type { Reporter } from "../report/reporter";
import { see, verified } from "../state/tracked";
import type { Clearance } from "./clearance";
import type { Fights } from "./fights";
import { judgingOf, type Look, type Step } from "./look";

/** Milliseconds between attempts to confirm a create, and how many there are. */
const CONFIRM = { pause: 500, attempts: 60 };

/** What a create goes through, and where what it did goes. */
interface Parts {
  readonly cluster: Cluster;
  readonly clearance: Clearance;
  readonly fights: Fights;
  readonly reporter: Reporter;
}

/** Makes missing objects anew, and takes back what it has made while Helm moved on. */
export class Creator {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Creates the object of a look.
   *
   * @throws ConflictError where it exists; ApiError, NetworkError, TooLateError: to be tried again
   */
  async create(look: Look, config: WriteConfig): Promise<Step> {
    const { tracked } = look;
    const { cluster, fights, reporter } = this.#parts;
    if (await this.#isBeingUndefined(tracked.kind)) return { problem: { is: "undefined" } };
    const api = cluster.K8s(tracked.kind);
    // A POST would leave an Update entry of the manager in managedFields, with which Helm 4's next upgrade conflicts.
    const reply = await (tracked.isApplicable
      ? api.Apply(tracked.desired, { ...config, force: true, precondition: "absent" })
      : api.Create(tracked.desired, config));
    verified(tracked, learnFromApply(undefined, judgingOf(look, reply)));
    see(tracked, reply);
    if (!(await this.#confirm(look, reply))) return "again";
    fights.note(tracked, undefined, performance.now());
    reporter.reverted({ tracked, operation: "create", fields: [], by: [] });
    return "again";
  }

  /**
   * The API server refuses to create what has a definition that is being deleted, but not by an apply, and then the definition's end
   * would wait for ours. Source: apiextensions-apiserver, customresource_handler.go.
   */
  async #isBeingUndefined(kind: Kind): Promise<boolean> {
    const definition = definitionOf(kind);
    if (!definition) return false;
    const found = await ifThere(this.#parts.cluster.K8s(DEFINITIONS).MetadataOnly().Get(definition.name));
    return found?.metadata.deletionTimestamp !== undefined;
  }

  /**
   * Reads the phase once more: if Helm moved on while the object was being created, Helm did not find it there, and must not find it
   * now. Goes on through outages and refusals, since nobody would look again.
   */
  async #confirm(look: Look, created: KubeObject): Promise<boolean> {
    const { kind } = look.tracked;
    for (let attempt = 1; ; attempt++) {
      try {
        if (await this.#parts.clearance.check(look, performance.now())) return true;
        await this.#parts.cluster.K8s(kind, refOf(created)).Delete(stateOf(created));
        return false;
      } catch (error) {
        if (error instanceof NotFoundError || error instanceof ConflictError) return false;
        if (attempt === CONFIRM.attempts) throw error;
        await delay(CONFIRM.pause);
      }
    }
  }
}
