import * as z from "zod";
import { userOf, type Account } from "../kube/account";
import { objectPath, SERVICE_ACCOUNTS, type Kind } from "../kube/kinds";
import { Answers } from "./answers";
import { ForbiddenError, isRefusal } from "./errors";
import type { Cluster } from "./k8s";
import { ifThere } from "./replies";

/** The rights that are needed to restore an object. */
const WRITES = ["create", "patch"] as const;

const REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

const review = z.object({
  status: z.object({ allowed: z.boolean(), evaluationError: z.string().optional() }),
});

/** What is to be written, where (undefined if it is cluster-scoped), and as whom (undefined: as the locker itself). */
export interface Writing {
  readonly kind: Kind;
  readonly namespace: string | undefined;
  readonly account: Account | undefined;
}

/** Whether there is a ServiceAccount; barred: whether the locker may not see that. */
export type Presence = "there" | "missing" | "barred";

/**
 * Knows what may be written, by the locker or by a ServiceAccount. Every question may throw an ApiError with a status of 500 and over, a
 * ThrottledError or a NetworkError: then ask again; or a ForbiddenError of impersonation.
 */
export class Access {
  readonly #cluster: Pick<Cluster, "Raw">;
  readonly #rights = new Answers<boolean>(may => may);
  readonly #accounts = new Answers<Presence>(presence => presence === "there");

  constructor(cluster: Pick<Cluster, "Raw">) {
    this.#cluster = cluster;
  }

  /**
   * Whether objects of a kind may be restored in a namespace or, if they are cluster-scoped, at all. True if nobody can
   * tell.
   */
  async mayWrite(writing: Writing): Promise<boolean> {
    const may = await Promise.all(WRITES.map(verb => this.#may(verb, writing)));
    return may.every(Boolean) && (writing.account === undefined || (await this.mayTakeBack(writing)));
  }

  /** Whether what a ServiceAccount has created could be deleted: by itself, or by the locker. */
  async mayTakeBack(writing: Writing): Promise<boolean> {
    return (await this.#may("delete", writing)) || this.#may("delete", { ...writing, account: undefined });
  }

  /** A write was refused for a missing right: what was answered before may be over. */
  doubt({ kind, namespace, account }: Writing): void {
    for (const verb of [...WRITES, "delete"])
      for (const place of [undefined, namespace])
        this.#rights.doubt(questionOf({ verb, kind, namespace: place, account }));
  }

  /** Whether a ServiceAccount exists. */
  presenceOf(account: Account): Promise<Presence> {
    return this.#accounts.of(userOf(account), () => this.#find(account));
  }

  async #find(account: Account): Promise<Presence> {
    try {
      const found = await ifThere(this.#cluster.Raw(objectPath(SERVICE_ACCOUNTS, account)));
      return found === undefined ? "missing" : "there";
    } catch (error) {
      if (error instanceof ForbiddenError) return "barred";
      throw error;
    }
  }

  /** The locker may write in every namespace, as a rule, and a ServiceAccount in its own. */
  async #may(verb: string, { kind, namespace, account }: Writing): Promise<boolean> {
    if (kind.namespaced && namespace !== undefined && account)
      return this.#ask(verb, kind, namespace, account);
    if (await this.#ask(verb, kind, undefined, account)) return true;
    return kind.namespaced && namespace !== undefined && this.#ask(verb, kind, namespace, account);
  }

  #ask(verb: string, kind: Kind, namespace: string | undefined, account?: Account): Promise<boolean> {
    const { group, plural } = kind;
    const question = questionOf({ verb, kind, namespace, account });
    const attributes = { verb, group, resource: plural, ...(namespace === undefined ? {} : { namespace }) };
    return this.#rights.of(question, () => this.#review(attributes, account));
  }

  async #review(resourceAttributes: Record<string, string>, account?: Account): Promise<boolean> {
    const body = {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: { resourceAttributes },
    };
    try {
      const { status } = review.parse(await this.#cluster.Raw(REVIEWS, body, account));
      return status.allowed || status.evaluationError !== undefined;
    } catch (error) {
      if (error instanceof ForbiddenError && error.isOfImpersonation) throw error;
      // Kubernetes lets everybody ask. If that right was taken back, or asking fails for good, only a write will tell.
      if (isRefusal(error)) return true;
      throw error;
    }
  }
}

function questionOf({ verb, kind, namespace, account }: Writing & { verb: string }): string {
  return `${verb} ${kind.group} ${kind.plural} ${namespace ?? ""} ${account ? userOf(account) : ""}`;
}
