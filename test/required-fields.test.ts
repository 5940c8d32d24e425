import { after, before, describe, it } from "node:test";
import { collection, type Body } from "../hack/lib/objects";
import { isReverted, openLocked, sentinelReverted, stands } from "./support/changes";
import { define, definition, version } from "./support/definitions";
import { NAMESPACE, type Room } from "./support/room";

const GROUP = "boxes.example.com";
const CONTROLLER = "box-controller";

const text = { type: "string" };
const fields = { mode: text, note: text, size: text };
const lid = { type: "object", required: ["mode"], properties: fields };

/** What the chart leaves out and the server makes by itself; in each, the mode has to be there. */
const made: Record<string, { schema: Body; place: string }> = {
  "a map that has the default": { schema: { ...lid, default: { mode: "shut" } }, place: "" },
  "a map that has the default, as the field in it has": {
    schema: {
      ...lid,
      properties: { ...fields, mode: { ...text, default: "shut" } },
      default: { mode: "shut" },
    },
    place: "",
  },
  "a map in another one that has the default": {
    schema: {
      type: "object",
      default: { lid: { mode: "shut" } },
      required: ["lid"],
      properties: { lid, note: text },
    },
    place: "/lid",
  },
  "a map with one owner": {
    schema: { ...lid, "x-kubernetes-map-type": "atomic", default: { mode: "shut" } },
    place: "",
  },
  "an item of a list": {
    schema: {
      type: "array",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
      default: [{ name: "front", mode: "shut" }],
      items: { type: "object", required: ["name", "mode"], properties: { ...fields, name: text } },
    },
    place: "/0",
  },
};

const parts = Object.values(made).map((part, index) => ({ ...part, key: `part${index}` }));

const spec: Body = {
  type: "object",
  properties: {
    color: text,
    cover: { ...lid, properties: { ...fields, size: { ...text, default: "small" } }, nullable: true },
    ...Object.fromEntries(parts.map(({ key, schema }) => [key, schema])),
  },
};

const definitionOfBoxes = definition(
  GROUP,
  "Box",
  [
    version("v1", {
      schema: {
        openAPIV3Schema: {
          type: "object",
          properties: { spec, status: { type: "object", properties: { phase: text } } },
        },
      },
      subresources: { status: {} },
    }),
  ],
  "boxes",
);

function box(name: string): Body {
  return {
    apiVersion: `${GROUP}/v1`,
    kind: "Box",
    metadata: { name },
    spec: { color: "blue", cover: null },
  };
}

function pathOf(name: string): string {
  return `${collection(`${GROUP}/v1`, "boxes", NAMESPACE)}/${name}`;
}

let hands = 0;

describe("a field that has to be there, in what the chart leaves out and the server makes", () => {
  let room: Room;
  before(async () => {
    room = await openLocked({ templates: { plain: box("plain"), shared: box("shared") } }, room =>
      define(room, definitionOfBoxes),
    );
    const path = pathOf("shared");
    await room.api.edit(`${path}/status?fieldManager=${CONTROLLER}`, { status: { phase: "Ready" } });
    const notes = parts
      .filter(({ schema }) => schema["x-kubernetes-map-type"] !== "atomic")
      .map(({ key, place }): Body => {
        return { op: "add", path: `/spec/${key}${place}/note`, value: "seen" };
      });
    await stands(room, path, () => room.api.patch(path, notes, CONTROLLER));
  });
  after(() => room.close());

  for (const name of ["plain", "shared"]) {
    const owner = name === "shared" ? ", and a controller has its part in it" : "";
    for (const [index, what] of Object.keys(made).entries()) {
      const { key = "", place = "" } = parts[index] ?? {};
      const put = (field: string, value: string): Body => ({
        op: "add",
        path: `/spec/${key}${place}/${field}`,
        value,
      });
      const isUndone = (...change: Body[]) =>
        isReverted(room, pathOf(name), () => room.api.patch(pathOf(name), change, `hand-${++hands}`));

      it(`gets its value back: ${what}${owner}`, () => isUndone(put("mode", "open")));
      it(`gets it back with what was added beside it: ${what}${owner}`, () =>
        isUndone(put("mode", "ajar"), put("size", "large")));
      it(`gets it back with a change of what the chart has: ${what}${owner}`, () =>
        isUndone(put("mode", "half open"), { op: "replace", path: "/spec/color", value: "red" }));
      it(`keeps it as what was added beside it goes: ${what}${owner}`, () => isUndone(put("size", "small")));
    }
    const cover = { spec: { cover: { mode: "open" } } };
    const fill = {
      "a patch": () => room.api.edit(`${pathOf(name)}?fieldManager=hand-${++hands}`, cover),
      "an apply": () => room.api.apply(pathOf(name), { ...box(name), ...cover }, `hand-${++hands}`),
    };
    for (const [by, change] of Object.entries(fill))
      it(`goes with the map around it, which the chart has as null, after ${by}: ${name}`, () =>
        isReverted(room, pathOf(name), change));
  }

  it("is nobody's fight: all is quiet afterwards", () => sentinelReverted(room));
});
