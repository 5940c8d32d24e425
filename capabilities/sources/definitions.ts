import { isOutdated, type Definition } from "../../crds/definition";
import { definitions } from "../../crds/definitions";
import { releaseLockCrd } from "../../crds/release-lock";
import { bring } from "../cluster/bring";
import type { Cluster } from "../cluster/k8s";
import { DEFINITIONS } from "../kube/kinds";
import type { Reporter } from "../report/reporter";
import { toBringDefinition } from "../state/requests";
import type { Controller, Request, Result } from "../work/controller";
import type { Queue } from "../work/queue";

/** What follows the objects of a kind. */
interface Follower {
  /** Starts to follow them. @throws ApiError, NetworkError as long as they are not served */
  follow(): Promise<void>;
}

/** Where definitions are brought, and what is done then. */
interface Parts {
  readonly cluster: Cluster;
  readonly queue: Queue;
  readonly reporter: Reporter;
  /** By kind. */
  readonly followers: ReadonlyMap<string, Follower>;
}

/**
 * Creates each CRD if it is missing, and upgrades an older one, or that of Rancher's helm-locker, to this one, which
 * accepts everything that they accept: Helm never changes a chart's CRDs in an upgrade. A newer CRD stays. Objects are
 * followed once their kind is served.
 */
export class Definitions implements Controller {
  readonly #parts: Parts;
  readonly #byKind: ReadonlyMap<string, Definition | typeof releaseLockCrd>;

  constructor(parts: Parts) {
    this.#parts = parts;
    // The API server takes half a minute to know a kind that policies name: so it is there before anybody asks for admission.
    const all = [...definitions, releaseLockCrd] as const;
    this.#byKind = new Map(all.map(definition => [definition.spec.names.kind, definition] as const));
  }

  start(): void {
    for (const kind of this.#byKind.keys()) this.#parts.queue.add(toBringDefinition(kind));
  }

  async reconcile({ name: kind }: Request): Promise<Result> {
    const { cluster, followers } = this.#parts;
    const definition = this.#byKind.get(kind);
    if (definition)
      await bring(cluster, DEFINITIONS, definition, ({ metadata }) => isOutdated(metadata.annotations));
    await followers.get(kind)?.follow();
    return undefined;
  }

  /** Where nobody asks for admission, nobody misses its kind: who does ask is told by lock/admissions. */
  failed({ name: kind }: Request, error: unknown): void {
    if (kind === releaseLockCrd.spec.names.kind) return;
    this.#parts.reporter.waiting("waiting for the API of {kind}s", { kind }, error);
  }
}
