import { after, before, describe, it } from "node:test";
import { collection, configMap, configMapPath, type Body } from "../hack/lib/objects";
import { isLocked } from "../hack/locker/helm-release";
import { helms, installWith } from "./support/both-helms";
import { byPatch, isReverted, stands } from "./support/changes";
import type { Chart } from "./support/chart";
import { NAMESPACE, Room } from "./support/room";
import { lockUnwritten } from "./support/unwritten";

const encoded = (text: string): string => Buffer.from(text).toString("base64");

const binary = { logo: encoded("a picture") };

function object(kind: "ConfigMap" | "Secret", name: string, fields: Body = {}): Body {
  return { apiVersion: "v1", kind, metadata: { name }, ...fields };
}

const chart: Chart = {
  templates: {
    texts: configMap("texts", { color: "blue" }),
    bytes: object("ConfigMap", "bytes", { binaryData: binary }),
    both: object("ConfigMap", "both", { data: { color: "blue" }, binaryData: binary }),
    "bytes-beside-empty": object("ConfigMap", "bytes-beside-empty", { data: {}, binaryData: binary }),
    "texts-beside-empty": object("ConfigMap", "texts-beside-empty", { data: { a: "" }, binaryData: {} }),
    nothing: object("ConfigMap", "nothing"),
    empty: object("ConfigMap", "empty", { data: {}, binaryData: null }),
    login: object("Secret", "login", { stringData: { user: "ann" } }),
    token: object("Secret", "token", { data: { token: encoded("rosebud") } }),
    "login-beside-empty": object("Secret", "login-beside-empty", { data: {}, stringData: { user: "ann" } }),
    "token-beside-empty": object("Secret", "token-beside-empty", {
      data: { token: encoded("rosebud") },
      stringData: {},
    }),
    "nothing-secret": object("Secret", "nothing"),
    "empty-secret": object("Secret", "empty", { data: null, stringData: {} }),
  },
};

const map = (name: string): string => configMapPath(NAMESPACE, name);
const secret = (name: string): string => `${collection("v1", "secrets", NAMESPACE)}/${name}`;

const more = { binaryData: { picture: encoded("more") } };
const text = { data: { extra: "more" } };
const bytes = { data: { extra: encoded("more") } };
const plain = { stringData: { extra: "more" } };

/** What goes: the chart says what the object holds. */
const additions: Record<string, [path: string, patch: Body]> = {
  "binaryData beside data": [map("texts"), more],
  "data beside binaryData": [map("bytes"), text],
  "a key of data, where the chart has both": [map("both"), text],
  "a key of binaryData, where the chart has both": [map("both"), more],
  "data, where the chart's is empty and binaryData is not": [map("bytes-beside-empty"), text],
  "binaryData, where the chart's is empty and data is not": [map("texts-beside-empty"), more],
  "both at once, beside data": [map("texts"), { ...text, ...more }],
  "stringData, in a Secret with stringData": [secret("login"), plain],
  "data, in a Secret with stringData": [secret("login"), bytes],
  "stringData, in a Secret with data": [secret("token"), plain],
  "data, in a Secret with stringData and empty data": [secret("login-beside-empty"), bytes],
  "stringData, in a Secret with data and empty stringData": [secret("token-beside-empty"), plain],
};

/** What stays: the chart leaves all of it to others. */
const others: Record<string, [path: string, patch: Body]> = {
  "data of a ConfigMap that says nothing": [map("nothing"), text],
  "binaryData of a ConfigMap that says nothing": [map("nothing"), more],
  "data of an empty ConfigMap": [map("empty"), text],
  "binaryData of an empty ConfigMap": [map("empty"), more],
  "data of a Secret that says nothing": [secret("nothing"), bytes],
  "stringData of an empty Secret": [secret("empty"), plain],
};

for (const helm of helms) {
  describe(`what is put beside the data of a release of ${helm}`, () => {
    let room: Room;
    let upgrade: () => Promise<string>;

    before(async () => {
      room = await Room.open();
      upgrade = await installWith(room, helm, chart);
      await lockUnwritten(room);
    });
    after(() => room.close());

    for (const [what, [path, patch]] of Object.entries(additions)) {
      it(`goes: ${what}`, () => isReverted(room, path, byPatch(room, path, patch)));
    }

    for (const [what, [path, patch]] of Object.entries(others)) {
      it(`stays: ${what}`, () => stands(room, path, byPatch(room, path, patch)));
    }

    it("goes, where a key of binaryData moves to data", () =>
      isReverted(
        room,
        map("bytes"),
        byPatch(room, map("bytes"), { binaryData: null, data: { logo: "a text" } }),
      ));

    it("leaves a release that is upgraded with no force, and a lock without problems", async () => {
      await upgrade();
      await isLocked(room, "web");
      await isReverted(room, map("texts"), byPatch(room, map("texts"), more));
      await stands(room, map("empty"), byPatch(room, map("empty"), { data: { again: "yes" } }));
    });
  });
}
