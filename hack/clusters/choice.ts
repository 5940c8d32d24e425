import { z } from "zod";
import { kindObstacle, startKind } from "./kind";
import type { PodCluster } from "./pod-cluster";
import { startRealNode, type RealNode } from "./real-node";
import { realNodeObstacle } from "./real-node/obstacle";

/** The environment variable that names the cluster, if a certain one is wanted. */
export const CLUSTER_VARIABLE = "DEPLOY_CLUSTER";

/** The node of `real-node/`, or kind's. */
export const clusterName = z.enum(["node", "kind"]);

/** The cluster that this machine can host: the one asked for, else the first possible one; or why it can host none. */
export type Choice = { name: z.infer<typeof clusterName> } | { obstacle: string };

const OBSTACLES = { node: realNodeObstacle, kind: kindObstacle };

/** Chooses a cluster for Pods. @param asked names one; if absent, any will do */
export function choosePodCluster(asked = process.env[CLUSTER_VARIABLE]): Choice {
  const names = asked === undefined ? clusterName.options : [clusterName.parse(asked)];
  const obstacles: string[] = [];
  for (const name of names) {
    const obstacle = OBSTACLES[name]();
    if (obstacle === undefined) return { name };
    obstacles.push(obstacle);
  }
  return { obstacle: obstacles.join("; ") };
}

/** A started cluster; `node` is the same cluster if it is a {@link RealNode}, which can do more. */
export interface Chosen {
  cluster: PodCluster;
  node?: RealNode;
}

/** Starts the cluster that {@link choosePodCluster} chooses. @throws what keeps it from starting */
export async function startPodCluster(choice: Choice): Promise<Chosen> {
  if ("obstacle" in choice) throw new Error(choice.obstacle);
  if (choice.name === "kind") return { cluster: await startKind() };
  const node = await startRealNode();
  return { cluster: node, node };
}
