import type { Body } from "../../../hack/lib/objects";
import { lockerPolicy } from "../locker-policies";
import { PLAIN, specFor, type Terms } from "./terms";

/** What a HelmLockerPolicy says of the releases of a run. */
export interface Rule {
  /** Names of releases, with `*`. */
  names: readonly string[];
  mode: Terms["mode"];
  ignores: boolean;
}

/** What it asks for of a release; undefined if it does not match it. */
export function termsFor({ names, mode, ignores }: Rule, release: string): Terms | undefined {
  const isNamed = names.some(name => new RegExp(`^${name.replace("*", ".*")}$`).test(release));
  return isNamed ? { ...PLAIN, mode, ignores } : undefined;
}

/** The policy, with the name of the namespace in which the releases are. */
export function lockerPolicyFor({ names, mode, ignores }: Rule, namespace: string): Body {
  const namespaceSelector = { matchLabels: { "kubernetes.io/metadata.name": namespace } };
  const template = specFor({ mode, ...(ignores && { ignores }) }, 0);
  return lockerPolicy(namespace, { names, namespaceSelector }, { template });
}
