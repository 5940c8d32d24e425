import { lockerPolicySpecSchema, type LockerPolicySpec } from "../../crds/helm-locker-policy";
import type { PolicySpec } from "../../crds/spec";
import { LabelSelector, type Labels } from "./label-selector";
import { isName, matchesPattern } from "./name-pattern";
import { policyOf } from "./policy";
import { issueWords, PolicyError } from "./policy-error";

/** "false" in this release label, or namespace annotation, keeps a release from policies that allow it. */
export const LOCK_MARK = "helmreleases.cattle.io/lock";

/** What Helm itself puts on a record. Source: helm pkg/storage/driver/driver.go, GetSystemLabels. */
const HELMS_LABELS = ["name", "owner", "status", "version", "createdAt", "modifiedAt"];

/** What is known of a release, for policies to match. */
export interface Candidate {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  /** Whether only a policy that names it may lock it: GitOps manages it, or it is the locker's own. */
  readonly isReserved: boolean;
}

/** What is known of a release's namespace. */
export interface CandidateNamespace {
  readonly labels: Labels;
  /** Whether its annotation keeps its releases from policies that allow it. */
  readonly optsOut: boolean;
}

/** A HelmLockerPolicy that can be followed. */
export class LockerPolicy {
  readonly name: string;
  readonly priority: number;
  /** The spec of its HelmReleases, without their release. */
  readonly template: PolicySpec;
  readonly #namespaces: LabelSelector;
  readonly #releases: LabelSelector;
  readonly #names: readonly string[];
  readonly #spec: LockerPolicySpec;

  /** @throws PolicyError if the spec can't be followed */
  constructor(name: string, spec: unknown) {
    const { data, error } = lockerPolicySpecSchema.safeParse(spec);
    if (!data) throw new PolicyError(issueWords(error));
    this.name = name;
    this.priority = data.priority ?? 0;
    this.template = templateOf(data);
    this.#namespaces = selectorOf("namespaceSelector", data.releases.namespaceSelector);
    this.#releases = selectorOf("selector", data.releases.selector);
    this.#names = data.releases.names ?? ["*"];
    this.#spec = data;
  }

  /** Whether labels or annotations of namespaces matter to it. */
  get needsNamespaces(): boolean {
    return this.#namespaces.keys.length > 0 || this.#allowsOptOut;
  }

  /** The keys of release labels that matter to it. */
  get labelKeys(): string[] {
    return [...this.#releases.keys, ...(this.#allowsOptOut ? [LOCK_MARK] : [])];
  }

  /** Why no release can ever match; undefined if one may. */
  get obstacle(): string | undefined {
    const selectors = { namespaceSelector: this.#namespaces, selector: this.#releases };
    for (const [field, selector] of Object.entries(selectors)) {
      const key = selector.contradiction();
      if (key !== undefined) return `releases.${field} asks for label ${key} what no label can be`;
    }
    const isExcluded = (pattern: string) =>
      this.#excluded.some(
        ({ namespace = "*", name = "*" }) => namespace === "*" && [pattern, "*"].includes(name),
      );
    return this.#names.every(isExcluded)
      ? "releases.exclude takes away all that releases.names allows"
      : undefined;
  }

  /** Whether it matches a release. @param namespace what is known of the release's namespace, where that matters */
  matches(release: Candidate, namespace: CandidateNamespace): boolean {
    return (
      this.#isNamed(release) &&
      !this.#excluded.some(one => isExcludedBy(release, one)) &&
      this.#releases.matches(withoutHelms(release.labels)) &&
      this.#namespaces.matches(namespace.labels) &&
      !(this.#allowsOptOut && (namespace.optsOut || release.labels[LOCK_MARK] === "false"))
    );
  }

  get #allowsOptOut(): boolean {
    return this.#spec.allowOptOut === true;
  }

  get #excluded() {
    return this.#spec.releases.exclude ?? [];
  }

  #isNamed({ name, isReserved }: Candidate): boolean {
    return this.#names.some(pattern => (!isReserved || isName(pattern)) && matchesPattern(pattern, name));
  }
}

/** The order in which policies count: priority, then name. */
export function byPriority(one: LockerPolicy, other: LockerPolicy): number {
  if (one.priority !== other.priority) return other.priority - one.priority;
  return one.name < other.name ? -1 : 1;
}

function isExcludedBy(
  release: Candidate,
  { namespace = "*", name = "*" }: { namespace?: string | undefined; name?: string | undefined },
): boolean {
  return matchesPattern(namespace, release.namespace) && matchesPattern(name, release.name);
}

function withoutHelms(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !HELMS_LABELS.includes(key)));
}

/** The API server checks no keys of a map. */
function selectorOf(field: string, spec: LockerPolicySpec["releases"]["selector"]): LabelSelector {
  const bad = Object.keys(spec?.matchLabels ?? {}).find(key => !isLabelKey(key));
  if (bad !== undefined)
    throw new PolicyError(
      `spec.releases.${field}.matchLabels: ${JSON.stringify(bad)} can't be the key of a label`,
    );
  return new LabelSelector(spec);
}

/** Source: apimachinery, pkg/util/validation, IsQualifiedName. */
function isLabelKey(key: string): boolean {
  const parts = key.split("/");
  const name = parts.pop() ?? "";
  const [prefix] = parts;
  const hasPrefix = prefix === undefined || (prefix.length <= 253 && DNS.test(prefix));
  return parts.length <= 1 && hasPrefix && /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(name);
}

const DNS = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function templateOf({ template }: LockerPolicySpec): PolicySpec {
  if (template.driftDetection.allowCreate !== undefined)
    throw new PolicyError("spec.template.driftDetection.allowCreate: a policy can't allow creates");
  policyOf(template);
  return template;
}
