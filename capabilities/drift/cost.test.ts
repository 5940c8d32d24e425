import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { digestOf } from "../kube/digest";
import type { JsonObject, KubeObject } from "../kube/object";
import { leftovers } from "./additions";
import { changedBy } from "./blame";
import { doubts } from "./doubts";
import { driftOf } from "./drift";
import { withHeld } from "./held";
import { NOTHING_KNOWN } from "./known";
import { astray, withAllOthers } from "./right";

/** For how many milliseconds one judgement may keep the processor, on a slow machine. */
const BOUND = 500;

const numbers = (count: number) => [...Array(count).keys()];
const portsFrom = (first: number, count: number) =>
  numbers(count).map(index => ({ port: first + index, protocol: "TCP" }));

function service(ports: readonly JsonObject[], managedFields: JsonObject[] = []): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", managedFields },
    spec: { ports: [...ports] },
  };
}

function has(manager: string, ports: readonly JsonObject[], more: JsonObject = {}): JsonObject {
  const elements = ports.map(({ port, protocol }) => `k:${JSON.stringify({ port, protocol })}`);
  const items = Object.fromEntries(elements.map(element => [element, { ".": {}, "f:port": {} }]));
  return {
    manager,
    operation: "Apply",
    apiVersion: "v1",
    fieldsV1: { "f:spec": { "f:ports": items } },
    ...more,
  };
}

const judging = (desired: KubeObject, live: KubeObject) => ({ desired, live, manager: "helm", left: [] });

/** Processor time, of which a busy machine makes no more. */
function costOf(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

describe("an object of many list items is judged soon", () => {
  const lost = (count: number) => {
    const ports = portsFrom(1, count);
    return service(ports, [
      has(
        "terraform",
        ports.map(({ port }) => ({ port, protocol: "" })),
      ),
    ]);
  };
  const more = (count: number) => [...portsFrom(1, count), ...portsFrom(10_001, count)];

  const cases: Record<string, [counts: number[], prepare: (count: number) => () => unknown]> = {
    "where managedFields have all of them under other names": [
      [200, 1_000],
      count => {
        const live = lost(count);
        return () => doubts(judging(service(portsFrom(1, 1)), live));
      },
    ],
    "where the author of each is looked for": [
      [200, 1_000],
      count => {
        const live = lost(count);
        return () => numbers(20).map(index => changedBy(live, [`/spec/ports/${index}`], "helm"));
      },
    ],
    "where managedFields have items that never were, of a list that does not count": [
      [200, 2_000],
      count => {
        const names = numbers(count).map(String);
        const elements = Object.fromEntries(names.map(name => [`v:"x${name}"`, {}]));
        const fieldsV1 = { "f:metadata": { "f:finalizers": elements } };
        const live = service(portsFrom(1, 1), [has("x", [], { fieldsV1 })]);
        live.metadata.finalizers = names;
        return () => doubts(judging(service(portsFrom(1, 1)), live));
      },
    ],
    "where a hand has applied all of them": [
      [100, 200],
      count => {
        const live = service(more(count), [has("helm", portsFrom(1, count)), has("terraform", more(count))]);
        return () => driftOf(judging(service(portsFrom(1, count)), live), undefined, false);
      },
    ],
    "where a controller of the object has them": [
      [50, 200],
      count => {
        const status = { operation: "Update", subresource: "status", fieldsV1: { "f:status": {} } };
        const live = service(portsFrom(1, count), [has("lb", portsFrom(1, count)), has("lb", [], status)]);
        return () => withAllOthers(judging(service(portsFrom(1, 1)), live));
      },
    ],
    "where Helm's entry holds what the server has made": [
      [30, 100],
      count => {
        const given = judging(service(portsFrom(1, 1)), service(more(count), [has("helm", more(count))]));
        const own = new Set(leftovers(given).map(({ pointer, value }) => digestOf(pointer, value)));
        return () => withHeld(given, { ...NOTHING_KNOWN, own, right: "" });
      },
    ],
    "where a list in each of them is another one": [
      [100, 1_000],
      count => {
        const pods = (arg: string, managedFields: JsonObject[] = []): KubeObject => ({
          apiVersion: "v1",
          kind: "Pod",
          metadata: { name: "web", managedFields },
          spec: { containers: numbers(count).map(index => ({ name: `c${index}`, args: [arg] })) },
        });
        const names = numbers(count).map(index => `k:{"name":"c${index}"}`);
        const items = Object.fromEntries(names.map(name => [name, { ".": {}, "f:args": {} }]));
        const fieldsV1 = { "f:spec": { "f:containers": items } };
        const live = pods("x", [has("helm", [], { fieldsV1 })]);
        return () => astray(judging(pods("y"), live), pods("y"));
      },
    ],
  };
  for (const [what, [counts, prepare]] of Object.entries(cases)) {
    it(what, () => {
      for (const count of counts) {
        const cost = costOf(prepare(count));
        assert.ok(cost < BOUND, `${count} items: ${cost} ms`);
      }
    });
  }
});
