import { after, before, describe, it } from "node:test";
import { collection, type Body } from "../hack/lib/objects";
import { isLocked } from "../hack/locker/helm-release";
import { helms, installWith } from "./support/both-helms";
import { isReverted, type Change } from "./support/changes";
import type { Chart } from "./support/chart";
import { define, definition, version } from "./support/definitions";
import { NAMESPACE, Room } from "./support/room";
import { lockUnwritten } from "./support/unwritten";

const GAUGES = "gauges.example.com";
const METRICS = "autoscaling.alpha.kubernetes.io/metrics";
const BEHAVIOR = "autoscaling.alpha.kubernetes.io/behavior";

const text = { type: "string" };
const whole = { type: "integer" };

function schema(spec: Body): Body {
  const properties = { spec: { type: "object", properties: spec } };
  return { schema: { openAPIV3Schema: { type: "object", properties } } };
}

/** The first version lacks a field, and the second one is stored. */
const gauge = definition(GAUGES, "Gauge", [
  version("v1", { storage: false, ...schema({ unit: text, limit: whole, tags: list(text) }) }),
  version("v2", schema({ unit: text, limit: whole, tags: list(text), color: text })),
]);

function list(items: Body): Body {
  return { type: "array", items };
}

function autoscaler(name: string, more: Body, apiVersion = "autoscaling/v2"): Body {
  const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name };
  return {
    apiVersion,
    kind: "HorizontalPodAutoscaler",
    metadata: { name },
    spec: { scaleTargetRef, minReplicas: 2, maxReplicas: 9, ...more },
  };
}

function resource(name: string, averageUtilization: number): Body {
  return { type: "Resource", resource: { name, target: { type: "Utilization", averageUtilization } } };
}

const ofGauges = (name: string, number: 1 | 2, spec: Body): Body => ({
  apiVersion: `${GAUGES}/v${number}`,
  kind: "Gauge",
  metadata: { name },
  spec,
});

const chart: Chart = {
  templates: {
    full: autoscaler("full", {
      metrics: [resource("cpu", 80), resource("memory", 70)],
      behavior: { scaleDown: { stabilizationWindowSeconds: 60 } },
    }),
    bare: autoscaler("bare", {}),
    single: autoscaler("single", { metrics: [resource("cpu", 65)] }),
    old: autoscaler("old", { targetCPUUtilizationPercentage: 75 }, "autoscaling/v1"),
    speed: ofGauges("speed", 2, { unit: "m/s", limit: 30, color: "blue", tags: ["a"] }),
    depth: ofGauges("depth", 1, { unit: "m", tags: ["b"] }),
  },
};

const scaler = (number: 1 | 2, name: string): string =>
  `${collection(`autoscaling/v${number}`, "horizontalpodautoscalers", NAMESPACE)}/${name}`;
const gaugePath = (number: 1 | 2, name: string): string =>
  `${collection(`${GAUGES}/v${number}`, "gauges", NAMESPACE)}/${name}`;

const metricOf = (name: string, targetAverageUtilization: number): Body => ({
  type: "Resource",
  resource: { name, targetAverageUtilization },
});
const policies = [{ type: "Pods", value: 4, periodSeconds: 15 }];

const annotated = (annotations: Record<string, unknown>): Body => ({
  metadata: {
    annotations: Object.fromEntries(
      Object.entries(annotations).map(([key, value]) => [key, value === null ? null : JSON.stringify(value)]),
    ),
  },
});

/** Edits through another version than the chart's: where the object is read, where it is written, and a merge patch. */
const edits: Record<string, [read: string, written: string, patch: Body]> = {
  "the target of an autoscaler, through v1": [
    scaler(2, "full"),
    scaler(1, "full"),
    { spec: { targetCPUUtilizationPercentage: 10 } },
  ],
  "the only target of an autoscaler, through v1": [
    scaler(2, "single"),
    scaler(1, "single"),
    { spec: { targetCPUUtilizationPercentage: 99 } },
  ],
  "the bounds of an autoscaler, through v1": [
    scaler(2, "single"),
    scaler(1, "single"),
    { spec: { minReplicas: 1, maxReplicas: 50 } },
  ],
  "another target of an autoscaler, through the annotation that v1 has for it": [
    scaler(2, "full"),
    scaler(1, "full"),
    annotated({ [METRICS]: [metricOf("memory", 20)] }),
  ],
  "a metric that is added through the annotation of v1": [
    scaler(2, "single"),
    scaler(1, "single"),
    annotated({ [METRICS]: [metricOf("memory", 20)] }),
  ],
  "the behavior that is added through the annotation of v1": [
    scaler(2, "single"),
    scaler(1, "single"),
    annotated({ [BEHAVIOR]: { ScaleUp: { Policies: policies } } }),
  ],
  "the behavior that is taken away with the annotation of v1": [
    scaler(2, "full"),
    scaler(1, "full"),
    annotated({ [BEHAVIOR]: null }),
  ],
  "a target that is added through v1 where the chart has none": [
    scaler(2, "bare"),
    scaler(1, "bare"),
    { spec: { targetCPUUtilizationPercentage: 15 } },
  ],
  "the target of an autoscaler of v1, through v2": [
    scaler(1, "old"),
    scaler(2, "old"),
    { spec: { metrics: [resource("cpu", 5)] } },
  ],
  "a metric that is added to an autoscaler of v1, through v2": [
    scaler(1, "old"),
    scaler(2, "old"),
    { spec: { metrics: [resource("cpu", 75), resource("memory", 5)] } },
  ],
  "another kind of metric in an autoscaler of v1, through v2": [
    scaler(1, "old"),
    scaler(2, "old"),
    {
      spec: {
        metrics: [
          {
            type: "Resource",
            resource: { name: "cpu", target: { type: "AverageValue", averageValue: "2" } },
          },
        ],
      },
    },
  ],
  "the behavior that is added to an autoscaler of v1, through v2": [
    scaler(1, "old"),
    scaler(2, "old"),
    { spec: { behavior: { scaleUp: { policies } } } },
  ],
  "a field of a custom resource, through the older version": [
    gaugePath(2, "speed"),
    gaugePath(1, "speed"),
    { spec: { limit: 300 } },
  ],
  "an item that is added to a list of a custom resource, through the older version": [
    gaugePath(2, "speed"),
    gaugePath(1, "speed"),
    { spec: { tags: ["a", "x"] } },
  ],
  "a field that is removed from a custom resource, through the older version": [
    gaugePath(2, "speed"),
    gaugePath(1, "speed"),
    { spec: { unit: null } },
  ],
  "a field of a custom resource, through the newer version": [
    gaugePath(1, "depth"),
    gaugePath(2, "depth"),
    { spec: { unit: "km" } },
  ],
  "a field that is added to a custom resource, through the newer version": [
    gaugePath(1, "depth"),
    gaugePath(2, "depth"),
    { spec: { limit: 7 } },
  ],
  "both, in a list and beside it, through the newer version": [
    gaugePath(1, "depth"),
    gaugePath(2, "depth"),
    { spec: { limit: 7, tags: [] } },
  ],
};

for (const helm of helms) {
  describe(`changes through another API version than the chart's, of a release of ${helm}`, () => {
    let room: Room;
    let upgrade: () => Promise<string>;

    before(async () => {
      room = await Room.open();
      await define(room, gauge);
      upgrade = await installWith(room, helm, chart);
      await lockUnwritten(room);
    });
    after(() => room.close());

    for (const [what, [read, written, patch]] of Object.entries(edits)) {
      it(`are reverted: ${what}`, () => isReverted(room, read, () => room.api.edit(written, patch)));
    }

    it("are reverted: kubectl edit as a whole, through the older version", () =>
      isReverted(
        room,
        scaler(2, "full"),
        putting(scaler(1, "full"), { targetCPUUtilizationPercentage: 33 }),
      ));

    it("are reverted: server-side apply, through the older version", () =>
      isReverted(room, scaler(2, "single"), () =>
        room.api.apply(
          scaler(1, "single"),
          autoscaler("single", { targetCPUUtilizationPercentage: 12 }, "autoscaling/v1"),
          "deployer",
        ),
      ));

    it("leave a release that is upgraded with no force, and a lock without problems", async () => {
      await upgrade();
      await isLocked(room, "web");
    });

    /** Writes an object anew, as it is but for some fields. */
    function putting(path: string, fields: Body): Change {
      return async () => {
        const now = await room.api.read(path);
        const { spec } = now;
        return room.api.replace(path, { ...now, spec: { ...Object(spec), ...fields } });
      };
    }
  });
}
