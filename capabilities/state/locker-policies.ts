import { lockerPolicyKind, type LockerPolicyObject } from "../../crds/helm-locker-policy";
import { kindOf } from "../kube/kinds";
import { perObject } from "../kube/per-object";
import { byPriority, LockerPolicy, type Candidate, type CandidateNamespace } from "../policy/locker-policy";
import { PolicyError } from "../policy/policy-error";
import { isForeign } from "./claim";
import { KnownObjects } from "./known-objects";

/** The kind of HelmLockerPolicies. */
export const LOCKER_POLICIES = kindOf({
  ...lockerPolicyKind,
  apiVersion: `${lockerPolicyKind.group}/${lockerPolicyKind.version}`,
  namespaced: true,
});

/** A HelmLockerPolicy, as far as it can be followed. */
type Read = { readonly policy: LockerPolicy } | { readonly reason: string };

/** The HelmLockerPolicies of the registration namespace. */
export class LockerPolicies extends KnownObjects<LockerPolicyObject> {
  readonly #controllerName: string;

  /** @param controllerName the name of this controller: policies of others are none */
  constructor(controllerName: string) {
    super();
    this.#controllerName = controllerName;
  }

  /** Those of this controller. */
  ours(): LockerPolicyObject[] {
    return [...this.all()].filter(
      object => !isForeign(object, this.#controllerName) && object.metadata.deletionTimestamp === undefined,
    );
  }

  /** One of ours; undefined if there is none of that name. */
  our(name: string): LockerPolicyObject | undefined {
    return this.ours().find(({ metadata }) => metadata.name === name);
  }

  /** What one of ours asks for, or why it can't be followed; undefined if there is none of that name. */
  read(name: string): Read | undefined {
    const object = this.our(name);
    return object && readPolicy(object);
  }

  /** Those that can be followed, in the order in which they count. */
  followed(): LockerPolicy[] {
    return this.ours()
      .map(readPolicy)
      .flatMap(read => ("policy" in read ? read.policy : []))
      .sort(byPriority);
  }

  /** The one that locks a release; undefined if none does. */
  winner(release: Candidate, namespace: CandidateNamespace): LockerPolicy | undefined {
    return this.followed().find(policy => policy.matches(release, namespace));
  }
}

/** Reads each once. */
const readPolicy = perObject(({ metadata: { name }, spec }: LockerPolicyObject): Read => {
  try {
    return { policy: new LockerPolicy(name, spec) };
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return { reason: error.message };
  }
});
