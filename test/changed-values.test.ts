import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { collection, type Body } from "../hack/lib/objects";
import { lock } from "../hack/locker/helm-release";
import { helms, installWith } from "./support/both-helms";
import { isReverted } from "./support/changes";
import { define, definition, version } from "./support/definitions";
import { workIsDone } from "./support/queue";
import { NAMESPACE, Room } from "./support/room";
import { object } from "./support/shapes/kinds";

const TOOLS = "tools.example.com";

const limit = { type: "integer" };
const retry = { type: "object", default: { limit: 3 }, properties: { limit } };

const gauge = definition(TOOLS, "Gauge", [
  version("v1", {
    schema: {
      openAPIV3Schema: {
        type: "object",
        properties: {
          spec: {
            type: "object",
            properties: {
              unit: { type: "string" },
              metric: {
                type: "object",
                default: { enabled: true },
                required: ["enabled"],
                properties: { enabled: { type: "boolean" } },
              },
              retry,
              steps: {
                type: "array",
                items: { type: "object", properties: { name: { type: "string" }, retry } },
              },
            },
          },
        },
      },
    },
  }),
]);

/** An object whose kind has a plural, as the chart has it, a change of it, and what the next version of the chart says. */
interface Case {
  readonly of: readonly [type: string, plural: string];
  readonly fields: Body;
  readonly change: readonly Body[];
  readonly next: Body;
  /** A change of that, where the first one would be none. */
  readonly changeOfNext?: readonly Body[];
}

const replace = (path: string, value: unknown): Body => ({ op: "replace", path, value });
const add = (path: string, value: unknown): Body => ({ op: "add", path, value });
const remove = (path: string): Body => ({ op: "remove", path });

const SERVICE = ["v1/Service", "services"] as const;
const ACCOUNT = ["v1/ServiceAccount", "serviceaccounts"] as const;
const GAUGE = [`${TOOLS}/v1/Gauge`, "gauges"] as const;

const http = { name: "http", port: 80 };
const service = (spec: Body, port: Body = {}): Body => ({
  spec: { selector: { app: "a" }, type: "NodePort", ports: [{ ...http, ...port }], ...spec },
});
const secrets = [{ name: "a" }, { name: "b" }];

/** By what was reverted in a way of its own; the next version of the chart changes that very field. */
const cases: Record<string, Case> = {
  "a nodePort that the server has allocated": {
    of: SERVICE,
    fields: service({}),
    change: [replace("/spec/ports/0/nodePort", 30_031)],
    next: service({}, { nodePort: 30_032 }),
  },
  "a nodePort that the chart has as zero": {
    of: SERVICE,
    fields: service({}, { nodePort: 0 }),
    change: [replace("/spec/ports/0/nodePort", 30_033)],
    next: service({}, { nodePort: 30_034 }),
  },
  "a policy for IP families": {
    of: SERVICE,
    fields: service({}),
    change: [replace("/spec/ipFamilyPolicy", "PreferDualStack")],
    next: service({ ipFamilyPolicy: "PreferDualStack" }),
    changeOfNext: [replace("/spec/ipFamilyPolicy", "SingleStack")],
  },
  "a default that was taken out": {
    of: GAUGE,
    fields: { spec: { unit: "m/s" } },
    change: [remove("/spec/retry/limit")],
    next: { spec: { unit: "m/s", retry: { limit: 5 } } },
  },
  "a default that was taken out of a list": {
    of: GAUGE,
    fields: { spec: { steps: [{ name: "a" }, { name: "b" }] } },
    change: [remove("/spec/steps/1/retry/limit")],
    next: { spec: { steps: [{ name: "a" }, { name: "b", retry: { limit: 5 } }] } },
  },
  "a value beside an addition that an apply stumbles over": {
    of: GAUGE,
    fields: { spec: { unit: "m/s" } },
    change: [replace("/spec/metric", { enabled: false }), replace("/spec/unit", "km/h")],
    next: { spec: { unit: "mph" } },
  },
  "a value beside an item without its key": {
    of: ACCOUNT,
    fields: { secrets, automountServiceAccountToken: false },
    change: [remove("/secrets/0/name"), remove("/automountServiceAccountToken")],
    next: { secrets, automountServiceAccountToken: true },
  },
  "a list that got an item without a key": {
    of: ACCOUNT,
    fields: { secrets, automountServiceAccountToken: false },
    change: [add("/secrets/-", {}), replace("/automountServiceAccountToken", true)],
    next: { secrets: [...secrets, { name: "c" }], automountServiceAccountToken: true },
  },
};

for (const helm of helms) {
  describe(`an upgrade by ${helm} that changes what was reverted before`, () => {
    let room: Room;
    before(async () => {
      room = await Room.open();
      await define(room, gauge);
    });
    after(() => room.close());

    Object.entries(cases).forEach(([what, one], index) => {
      it(`needs no force, and is locked: ${what}`, async () => {
        const { fields, change, next, changeOfNext = change } = one;
        const [type, plural] = one.of;
        const name = `case-${index}`;
        const chart = (fields: Body) => ({ templates: { object: object(type, name, fields) } });
        const path = `${collection(type.slice(0, type.lastIndexOf("/")), plural, NAMESPACE)}/${name}`;
        const upgrade = await installWith(room, helm, chart(fields), name);
        await lock(room, name);
        // What was not seen before it is changed can't be known.
        await workIsDone(room.locker);
        await isReverted(room, path, () => room.api.patch(path, [...change]));
        await isReverted(room, path, () => room.api.patch(path, [...change]));
        await upgrade();
        await isReverted(room, path, () => room.api.patch(path, [...change]));
        await upgrade(chart(next));
        assert.ok(includes(await room.api.read(path), next), "the object has what the chart says");
        await workIsDone(room.locker);
        await isReverted(room, path, () => room.api.patch(path, [...changeOfNext]));
      });
    });
  });
}

/** Whether a value has all of another one, or more. */
function includes(value: unknown, wanted: unknown): boolean {
  if (typeof wanted !== "object" || wanted === null) return value === wanted;
  const inner = new Map(Object.entries(value ?? {}));
  return Object.entries(wanted).every(([key, part]) => includes(inner.get(key), part));
}
