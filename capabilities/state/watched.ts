import { collectionPath, type Kind } from "../kube/kinds";
import { HELM_RELEASES } from "./helm-releases";

/** What the objects of a watch are to the locker. */
type Role = "tracked" | "release record" | "HelmRelease" | "of policies";

/** What a watch follows. */
export interface Watched {
  /** Identifies it. */
  readonly key: string;
  readonly kind: Kind;
  readonly role: Role;
}

/** A kind that locks track: its key is the path of its collection. */
export function trackedKind(kind: Kind): Watched {
  return { key: collectionPath(kind), kind, role: "tracked" };
}

/** A kind that every lock, or every policy, depends on. */
export function common(kind: Kind, role: Exclude<Role, "tracked">): Watched {
  return { key: `${role} ${kind.kind}`, kind, role };
}

const RECORD_KINDS = ["Secret", "ConfigMap"];

function recordsOf(kind: string): string {
  return `release record ${kind}`;
}

/** The keys of release records, on which every lock and every policy depends. */
export const RECORDS_WATCHED = RECORD_KINDS.map(recordsOf);

/** The key of namespaces, on which policies may depend. */
export const NAMESPACES_WATCHED = "of policies Namespace";

/** What every lock depends on, by key. */
export const COMMON = new Map<string, Pick<Kind, "group" | "kind">>([
  ...RECORD_KINDS.map(kind => [recordsOf(kind), { group: "", kind }] as const),
  ["HelmRelease HelmRelease", HELM_RELEASES],
]);
