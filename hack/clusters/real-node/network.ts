/**
 * The node's addresses. They exist in its own network namespace only, so that every node has the same; the ranges are
 * private ones that are rarely used, for the sake of who looks at a log.
 */
export const NODE_IP = "172.31.240.2";
export const POD_RANGE = "172.31.241.0/24";
export const SERVICE_RANGE = "172.31.242.0/24";

/** The ClusterIP of the Service `kubernetes`: the first of the range. */
export const API_SERVICE_IP = "172.31.242.1";
