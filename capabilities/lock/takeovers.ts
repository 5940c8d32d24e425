import { ConflictError, InvalidError } from "../cluster/errors";
import type { Cluster } from "../cluster/k8s";
import type { Write } from "../drift/operation";
import { handBack } from "../drift/takeover";
import { refOf } from "../kube/kinds";
import { doubt, see } from "../state/tracked";
import type { Clearance } from "./clearance";
import { writingOf, type Look } from "./look";

/** Sees to it that nobody's fields become Helm's for a repair that the API server refuses. */
export class Takeovers {
  readonly #cluster: Cluster;
  readonly #clearance: Clearance;

  constructor({ cluster, clearance }: { cluster: Cluster; clearance: Clearance }) {
    this.#cluster = cluster;
    this.#clearance = clearance;
  }

  /** Asks the server whether it takes what is to follow, where it has refused that before. @throws ApiError, NetworkError */
  async askFirst(look: Look, operation: Write): Promise<void> {
    if (operation.do !== "take over" || !operation.first) return;
    await this.#api(look).Patch([...operation.first], { ...writingOf(look), dryRun: true });
  }

  /**
   * What was taken over for what was refused then goes back to its owners, unless the object has changed since.
   *
   * @throws ApiError, NetworkError, TooLateError
   */
  async handBack(look: Look): Promise<void> {
    const { tracked, takenOver } = look;
    const { observed } = tracked;
    if (!takenOver || observed.as !== "live") return;
    const pass = await this.#clearance.check(look, observed.at);
    if (!pass) return;
    const patch = handBack(observed.object, takenOver.live);
    try {
      see(tracked, await this.#api(look).Patch(patch, { ...writingOf(look), notAfter: pass.notAfter }));
      look.takenOver = undefined;
    } catch (error) {
      if (!(error instanceof InvalidError || error instanceof ConflictError)) throw error;
      doubt(tracked);
    }
  }

  #api({ tracked: { kind, desired } }: Look) {
    return this.#cluster.K8s(kind, refOf(desired));
  }
}
