/** What the chart says of a field. */
export type Said =
  | "a value"
  /** Empty or left out, in a place that others fill in: `data`, a CA bundle, the rules of an aggregated ClusterRole. */
  | "nothing, for others to fill in"
  | "nothing";

/** Who wrote what the cluster has there. */
export type Writer =
  | "Helm"
  | "a hand"
  | "a controller of the object"
  | "an autoscaler"
  | "the server"
  | "a known controller";

export type Verdict = "goes back" | "stays";

/**
 * What becomes of a field that is not as the chart says, by what the chart says and who wrote it: docs/drift.md, with examples. The tests
 * try each cell.
 */
export const RULE: Readonly<Record<Said, Readonly<Record<Writer, Verdict>>>> = {
  "a value": {
    Helm: "goes back",
    "a hand": "goes back",
    "a controller of the object": "goes back",
    "an autoscaler": "stays",
    "the server": "stays",
    "a known controller": "stays",
  },
  "nothing, for others to fill in": {
    Helm: "stays",
    "a hand": "stays",
    "a controller of the object": "stays",
    "an autoscaler": "stays",
    "the server": "stays",
    "a known controller": "stays",
  },
  nothing: {
    Helm: "stays",
    "a hand": "goes back",
    "a controller of the object": "stays",
    "an autoscaler": "stays",
    "the server": "stays",
    "a known controller": "stays",
  },
};
