import { choosePodCluster } from "../../hack/clusters/choice";

/** The cluster that the deployments are proven in. */
export const choice = choosePodCluster();

/** Why none can be, for a suite that needs one. */
export const skip = "obstacle" in choice ? choice.obstacle : false;

/** For what can be seen on, or done to, a node of one's own only. */
export const onNode = {
  skip: "name" in choice && choice.name === "kind" ? "kind's node is not one's own" : false,
};
