import { isObject, type KubeObject } from "../kube/object";
import { byName, hasAt, type Left, type Path } from "../kube/path";
import { perObject } from "../kube/per-object";
import type { IgnoreRule } from "./ignore-rules";

/** What of an object is left as it is. */
export interface Exemption {
  readonly left: readonly Left[];
  /** Whether all of it is, its deletion included. */
  readonly isWhole: boolean;
}

/** Annotations with which a manifest leaves its object as it is: Flux's, and our own. Source: Flux docs, HelmRelease, "Ignore rules". */
const SWITCHES = ["helm.toolkit.fluxcd.io/driftDetection", "helmreleases.cattle.io/drift-detection"];

/** What rules, and its own manifest, leave of an object as it is: worked out once for each of both. */
export function exemptionOf(rules: readonly IgnoreRule[], desired: KubeObject): Exemption {
  if (rules.length > 0) return exemptionsOf(rules)(desired);
  return isSwitchedOff(desired) ? ALL : NOTHING;
}

const exemptionsOf = perObject((rules: readonly IgnoreRule[]) =>
  perObject((desired: KubeObject): Exemption => {
    const covering = rules.filter(({ covers }) => covers(desired));
    const whole = covering.some(
      ({ paths, managers }) => managers === undefined && paths?.some(isWholePath) === true,
    );
    const left = covering.flatMap(({ field, paths = [WHOLE], managers }) =>
      paths.map(path => ({
        path: byName(path, desired),
        origin: { is: "rule", field } as const,
        ...(managers && { by: managers.has.bind(managers) }),
      })),
    );
    return { left, isWhole: whole || isSwitchedOff(desired) };
  }),
);

const WHOLE: Path = [];
const NOTHING: Exemption = { left: [], isWhole: false };
const ALL: Exemption = { left: [], isWhole: true };

function isWholePath(path: Path): boolean {
  return path.length === 0;
}

function isSwitchedOff({ metadata: { annotations } }: KubeObject): boolean {
  return isObject(annotations) && SWITCHES.some(key => annotations[key] === "disabled");
}

/** A rule, or one of its paths, that leaves nothing of a release as it is. */
export interface Idle {
  /** Where it stands: "spec.driftDetection.ignore[0].paths[1]". */
  readonly field: string;
  /** What no manifest of the release has. */
  readonly lacks: "object" | "field";
}

/** Rules that are about nothing that a release has. What others add is nowhere in its manifest. */
export function idleIn(rules: readonly IgnoreRule[], objects: readonly KubeObject[]): Idle[] {
  return rules.flatMap(({ field, covers, paths = [] }) => {
    const covered = objects.filter(covers);
    if (covered.length === 0) return [{ field, lacks: "object" }];
    return paths.flatMap((path, index): Idle[] =>
      covered.some(object => hasAt(object, path))
        ? []
        : [{ field: `${field}.paths[${index}]`, lacks: "field" }],
    );
  });
}
