import { choosePodCluster } from "../../hack/clusters/choice";

/** The cluster in which the deployments are tested. */
export const choice = choosePodCluster();

/** Why there can be none, for a suite that needs one. */
export const skip = "obstacle" in choice ? choice.obstacle : false;

/** For what only the project's own node can show or do. */
export const onNode = {
  skip: "name" in choice && choice.name === "kind" ? "kind's node is not one's own" : false,
};
