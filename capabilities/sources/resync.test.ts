import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NetworkError } from "../cluster/errors";
import { kindOf, presenceKey } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import { isOlder, stateOf } from "../kube/version";
import { lineWords } from "../report/log-lines";
import type { Followed } from "./followed";
import { Resync } from "./resync";

/** Milliseconds of a round. */
const INTERVAL = 40;

const kind = kindOf({ apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true });

/** The objects of a list, each name with its resourceVersion, and the version of the list. */
interface List {
  readonly at: string;
  readonly objects: Readonly<Record<string, string>>;
}

function configMap(name: string, resourceVersion: string): KubeObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "shop", resourceVersion } };
}

/** How often a watch was to list anew in the first rounds, and what was told, while it knows these objects. */
async function compared(known: Record<string, string>, lists: (List | Error)[]): Promise<[number, string[]]> {
  const told: string[] = [];
  const { promise: done, resolve } = Promise.withResolvers<undefined>();
  let relisted = 0;
  const followed: Followed = {
    watch: { relist: () => void relisted++ },
    listed: {
      kind,
      Each: async (onObject, between) => {
        const list = lists.shift();
        if (!list) resolve(undefined);
        if (!list || list instanceof Error) throw list ?? new NetworkError("the end");
        for (const [name, version] of Object.entries(list.objects)) onObject(configMap(name, version), 100);
        await between?.();
        return list.at;
      },
    },
    newest: () => Object.values(known).reduce((one, other) => (isOlder(one, other) ? other : one), ""),
    concerns: ({ metadata }) => metadata.name !== "foreign",
    isNews: object => isOlder(known[object.metadata.name] ?? "", stateOf(object).resourceVersion),
    isMissing: present => Object.keys(known).some(name => !present.has(presenceKey("shop", name))),
  };
  const resync = new Resync({
    followed: () => [followed],
    unlabelled: { all: () => [], lookAgain: () => undefined },
    interval: INTERVAL,
    reporter: {
      info: (line, names) => told.push(lineWords(line, names)),
      troubled: (line, names, error) => told.push(`${lineWords(line, names)}: ${String(error)}`),
    },
  });
  resync.start();
  await done;
  resync.stop();
  return [relisted, told.filter(line => !line.includes("the end"))];
}

describe("Resync", () => {
  const cases: [what: string, known: Record<string, string>, list: List, relists: number][] = [
    ["what is as known", { a: "5", b: "7" }, { at: "9", objects: { a: "5", b: "7" } }, 0],
    ["a later state", { a: "5" }, { at: "12", objects: { a: "10" } }, 1],
    ["what is not known", { a: "5" }, { at: "9", objects: { a: "5", b: "7" } }, 1],
    ["what concerns nobody", { a: "5" }, { at: "9", objects: { a: "5", foreign: "7" } }, 0],
    ["what is not listed", { a: "5", b: "7" }, { at: "9", objects: { a: "5" } }, 1],
    ["a list from before what is known", { a: "10" }, { at: "9", objects: { a: "8" } }, 1],
    ["a state from before the list was answered", { a: "10" }, { at: "10", objects: { a: "8" } }, 0],
  ];
  for (const [what, known, list, relists] of cases) {
    it(`has a watch ${relists === 0 ? "go on" : "list anew"} for ${what}`, async () => {
      const [relisted, told] = await compared(known, [list]);
      assert.equal(relisted, relists);
      assert.equal(told.length, relists);
    });
  }

  it("lets a watch catch up", async () => {
    const known: Record<string, string> = { a: "5" };
    const list = {
      at: "12",
      get objects() {
        setTimeout(() => (known.a = "12"), INTERVAL / 2);
        return { a: "10" };
      },
    };
    const [relisted] = await compared(known, [list]);
    assert.equal(relisted, 0);
  });

  it("goes on after a list has failed, and tells of that", async () => {
    const [relisted, told] = await compared({ a: "5" }, [
      new NetworkError("cut"),
      { at: "12", objects: { a: "10" } },
    ]);
    assert.equal(relisted, 1);
    assert.match(told[0] ?? "", /can't compare ConfigMap.*cut/);
  });
});
