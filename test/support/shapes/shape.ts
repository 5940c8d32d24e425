import type { Body } from "../../../hack/lib/objects";
import type { Chart } from "../chart";

/** What a chart is known for: which kinds it has, and how it writes them. */
export interface Shape {
  readonly objects: readonly Body[];
  /** What Helm installs before everything else, and does not track. */
  readonly crds?: readonly Body[];
}

/** The chart of a shape. */
export function chartOf({ objects, crds = [] }: Shape): Chart {
  return { templates: numbered(objects), crds: numbered(crds) };
}

function numbered(bodies: readonly Body[]): Record<string, Body> {
  return Object.fromEntries(bodies.map((body, index) => [`object-${index}`, body]));
}
