import * as z from "zod";
import { admissionBindings, admissionPolicies } from "../../crds/admission";
import { isOutdated } from "../../crds/definition";
import { releaseLockCrd } from "../../crds/release-lock";
import { bring } from "../cluster/bring";
import type { Cluster } from "../cluster/k8s";
import { ifThere } from "../cluster/replies";
import { DEFINITIONS, kindOf, refOf } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import { stateOf } from "../kube/version";
import { labelOf, LOCKER_LABEL, RELEASE_LOCKS, type ReleaseLock } from "../state/release-locks";

const apiVersion = "admissionregistration.k8s.io/v1";

const POLICIES = kindOf({
  apiVersion,
  kind: "ValidatingAdmissionPolicy",
  plural: "validatingadmissionpolicies",
  namespaced: false,
});

const BINDINGS = kindOf({
  apiVersion,
  kind: "ValidatingAdmissionPolicyBinding",
  plural: "validatingadmissionpolicybindings",
  namespaced: false,
});

const REVIEWS = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

const review = z.object({ status: z.object({ userInfo: z.object({ username: z.string() }) }) });

/** Where the locker is. */
interface Parts {
  readonly cluster: Cluster;
  /** The registration namespace. */
  readonly namespace: string;
  readonly controllerName: string;
}

/** What the API server is told, where it keeps that. Every method may throw ApiError and NetworkError. */
export class AdmissionStorage {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The user that the locker is. */
  async whoAmI(): Promise<string> {
    const body = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
    return review.parse(await this.#parts.cluster.Raw(REVIEWS, body)).status.userInfo.username;
  }

  /** Every ReleaseLock of this locker: none if there is no such kind. */
  async all(): Promise<KubeObject[]> {
    const found: KubeObject[] = [];
    const actions = this.#parts.cluster.K8s(RELEASE_LOCKS).WithLabel(LOCKER_LABEL, labelOf(this.#parts));
    await ifThere(actions.Each(object => found.push(object)));
    return found;
  }

  /** @throws NotFoundError if their kind is not served yet */
  write({ metadata, spec }: ReleaseLock): Promise<KubeObject> {
    const { apiVersion, kind } = RELEASE_LOCKS;
    const releaseLock = { apiVersion, kind, metadata, spec };
    return this.#parts.cluster
      .K8s(RELEASE_LOCKS)
      .Apply(releaseLock, { fieldManager: "helm-locker", force: true });
  }

  /** Deletes a ReleaseLock in the state in which it was seen last. */
  async delete(stored: KubeObject): Promise<void> {
    await ifThere(this.#parts.cluster.K8s(RELEASE_LOCKS, refOf(stored)).Delete(stateOf(stored), {}));
  }

  /**
   * Makes the kind of ReleaseLocks, which takes a moment to be served, and the policies, where they are missing or of an older version.
   *
   * @throws NotFoundError if the API server knows no such policies
   */
  async bring(): Promise<void> {
    const { cluster, namespace } = this.#parts;
    const isOld = ({ metadata }: KubeObject) => isOutdated(metadata.annotations);
    await bring(cluster, DEFINITIONS, releaseLockCrd, isOld);
    for (const policy of admissionPolicies) await bring(cluster, POLICIES, policy, isOld);
    for (const binding of admissionBindings(namespace)) await bring(cluster, BINDINGS, binding, isOld);
  }
}
