import * as z from "zod";
import type { Kind } from "../kube/kinds";
import { isRefusal } from "./errors";
import type { Cluster } from "./k8s";

/** The rights that are needed to restore an object. */
const WRITES = ["create", "patch"] as const;

/** How long an answer is valid, in milliseconds: releases that are loaded at the same time share it. */
const LIFETIME = 10_000;

/** The same for a denial: an API server that has just started knows nobody's rights yet. */
const LIFETIME_OF_DENIAL = 1_000;

const REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

const review = z.object({
  status: z.object({ allowed: z.boolean(), evaluationError: z.string().optional() }),
});

interface Answer {
  /** performance.now() until when it is valid. */
  until: number;
  readonly may: Promise<boolean>;
}

/** Knows what the locker may write. */
export class Access {
  readonly #cluster: Pick<Cluster, "Raw">;
  readonly #answers = new Map<string, Answer>();
  #sweptAt = -Infinity;

  constructor(cluster: Pick<Cluster, "Raw">) {
    this.#cluster = cluster;
  }

  /**
   * Whether the locker may restore objects of a kind in a namespace or, if they are cluster-scoped, at all. True if
   * nobody can tell.
   *
   * @throws ApiError with a status of 500 and over, ThrottledError, NetworkError: ask again
   */
  async mayWrite(kind: Kind, namespace: string | undefined): Promise<boolean> {
    if (await this.#mayAll(kind, undefined)) return true;
    return kind.namespaced && namespace !== undefined && this.#mayAll(kind, namespace);
  }

  async #mayAll(kind: Kind, namespace: string | undefined): Promise<boolean> {
    const answers = await Promise.all(WRITES.map(verb => this.#may(verb, kind, namespace)));
    return answers.every(may => may);
  }

  #may(verb: string, { group, plural }: Kind, namespace: string | undefined): Promise<boolean> {
    const key = `${verb} ${group} ${plural} ${namespace ?? ""}`;
    this.#forgetOld();
    const known = this.#answers.get(key);
    if (known && performance.now() < known.until) return known.may;
    const may = this.#ask({
      verb,
      group,
      resource: plural,
      ...(namespace === undefined ? {} : { namespace }),
    });
    const answer: Answer = { until: performance.now() + LIFETIME, may };
    may.then(
      isAllowed => {
        if (!isAllowed) answer.until = Math.min(answer.until, performance.now() + LIFETIME_OF_DENIAL);
      },
      () => {
        answer.until = -Infinity;
      },
    );
    this.#answers.delete(key);
    this.#answers.set(key, answer);
    return may;
  }

  #forgetOld(): void {
    const now = performance.now();
    if (now - this.#sweptAt < LIFETIME_OF_DENIAL) return;
    this.#sweptAt = now;
    for (const [key, { until }] of this.#answers) if (now >= until) this.#answers.delete(key);
  }

  async #ask(resourceAttributes: Record<string, string>): Promise<boolean> {
    const body = {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: { resourceAttributes },
    };
    try {
      const { status } = review.parse(await this.#cluster.Raw(REVIEWS, body));
      return status.allowed || status.evaluationError !== undefined;
    } catch (error) {
      // Kubernetes lets everybody ask. If that right was taken back, or asking fails for good, only a write will tell.
      if (isRefusal(error)) return true;
      throw error;
    }
  }
}
