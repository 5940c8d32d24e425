/**
 * The node's addresses. They exist only in its own network namespace, so every node has the same ones. The ranges are
 * private and rarely used, to avoid confusion in logs.
 */
export const NODE_IP = "172.31.240.2";
export const POD_RANGE = "172.31.241.0/24";
export const SERVICE_RANGE = "172.31.242.0/24";

/** The ClusterIP of the Service `kubernetes`: the first of the range. */
export const API_SERVICE_IP = "172.31.242.1";
