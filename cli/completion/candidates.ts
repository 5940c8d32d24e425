import { kindOf } from "../../capabilities/kube/kinds";
import { releaseKey } from "../../capabilities/release/release";
import { Revisions } from "../../capabilities/release/revisions";
import { findReleases } from "../access/releases";
import { targetsOf, type Access, type Target } from "../access/targets";

const NAMESPACES = kindOf({ apiVersion: "v1", kind: "Namespace", plural: "namespaces", namespaced: false });

/** Names of namespaces. @throws UserError, ApiError, NetworkError */
export function namespaceNames(access: Access): Promise<string[]> {
  return asked(access, async ({ cluster }) => {
    const names: string[] = [];
    await cluster
      .K8s(NAMESPACES)
      .MetadataOnly()
      .Each(({ metadata: { name } }) => names.push(name));
    return names;
  });
}

/** Releases by name; by namespace and name once a namespace is typed. @throws UserError, ApiError, NetworkError */
export function releaseNames(
  access: Access,
  namespace: string | undefined,
  typed: string,
): Promise<string[]> {
  return asked(access, async target => {
    const [before, after] = typed.split("/");
    const selection = {
      namespace: after === undefined ? (namespace ?? target.namespace) : before,
      selector: undefined,
    };
    const releases = await findReleases(target.cluster, selection, new Revisions(() => true));
    return releases.map(release => (after === undefined ? release.name : releaseKey(release)));
  });
}

/** What the first of the clusters says. */
async function asked(access: Access, ask: (target: Target) => Promise<string[]>): Promise<string[]> {
  const targets = targetsOf(access);
  const [target] = targets;
  try {
    return target ? await ask(target) : [];
  } finally {
    await Promise.all(targets.map(({ cluster }) => cluster.close()));
  }
}
