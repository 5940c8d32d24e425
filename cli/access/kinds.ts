import * as z from "zod";
import { ApiError } from "../../capabilities/cluster/errors";
import type { Cluster } from "../../capabilities/cluster/k8s";
import { groupOf, kindOf, versionPath, type Kind } from "../../capabilities/kube/kinds";
import { UserError } from "../errors";
import { nearest } from "./names";
import { readReply } from "./replies";

const resourceList = z.object({
  resources: z.array(
    z.object({
      name: z.string(),
      singularName: z.string().default(""),
      shortNames: z.array(z.string()).default([]),
      kind: z.string(),
      namespaced: z.boolean(),
      verbs: z.array(z.string()).default([]),
    }),
  ),
});

const groupList = z.object({
  groups: z.array(
    z.object({
      preferredVersion: z.object({ groupVersion: z.string() }),
      versions: z.array(z.object({ groupVersion: z.string() })),
    }),
  ),
});

type Resource = z.infer<typeof resourceList>["resources"][number];

/**
 * The kind that a user names as kubectl takes it: "deployment", "deploy", "deployments.apps", "deployments.v1.apps", "Deployment". The core
 * group comes first, then the groups in the server's order, each in the version that it prefers.
 *
 * @throws UserError if the server serves no such kind; ApiError, NetworkError
 */
export async function findKind(cluster: Cluster, text: string): Promise<Kind> {
  const [name = "", ...rest] = text.toLowerCase().split(".");
  const api = rest.length === 0 ? undefined : rest.join(".");
  const known: string[] = [];
  for (const apiVersion of await versionsIn(cluster)) {
    if (api !== undefined && !isNamed(apiVersion, api)) continue;
    const resources = await resourcesOf(cluster, apiVersion);
    const found = resources.find(resource => namesOf(resource).includes(name));
    if (found)
      return kindOf({ apiVersion, kind: found.kind, plural: found.name, namespaced: found.namespaced });
    known.push(...resources.flatMap(namesOf));
  }
  throw new UserError(`the server has no kind "${text}"${nearest(name, known)}`);
}

/** Whether an API version is meant by its group, "apps", or in full, "v1.apps": that of the core group is "v1.". */
function isNamed(apiVersion: string, api: string): boolean {
  const group = groupOf(apiVersion);
  const version = apiVersion.slice(apiVersion.indexOf("/") + 1);
  return api === group || api === `${version}.${group}`;
}

/** What kubectl takes for it: not a subresource, and not what can't be read. */
function namesOf({ name, singularName, shortNames, kind, verbs }: Resource): string[] {
  if (name.includes("/") || !verbs.includes("get")) return [];
  return [name, singularName, kind.toLowerCase(), ...shortNames].filter(text => text !== "");
}

async function versionsIn(cluster: Cluster): Promise<string[]> {
  const { groups } = readReply(groupList, await cluster.Raw("/apis"), "a list of API groups");
  const preferred = groups.map(({ preferredVersion }) => preferredVersion.groupVersion);
  const others = groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => groupVersion));
  return [...new Set(["v1", ...preferred, ...others])];
}

/** An aggregated API server that does not answer serves nothing. */
async function resourcesOf(cluster: Cluster, apiVersion: string): Promise<Resource[]> {
  try {
    const reply = await cluster.Raw(versionPath(apiVersion));
    return resourceList.safeParse(reply).data?.resources ?? [];
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return [];
  }
}
