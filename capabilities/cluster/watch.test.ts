import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kindOf } from "../kube/kinds";
import type { Json, JsonObject } from "../kube/object";
import { stateOf } from "../kube/version";
import { NetworkError, NotFoundError } from "./errors";
import { Watch } from "./watch";
import type { WatchSource } from "./watch-source";

const kind = kindOf({ apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true });

interface List extends JsonObject {
  items: Json[];
}

/** A list of one object, made at a resourceVersion. */
function listAt(resourceVersion: string): List {
  const item = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "a", namespace: "shop", resourceVersion },
  };
  return { metadata: { resourceVersion }, items: [item] };
}

const modified = (resourceVersion: string): Json => ({
  type: "MODIFIED",
  object: {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "a", namespace: "shop", resourceVersion },
  },
});

/** What a watch reports of lists that are answered one after the other, between them a cut after one event. */
async function reported(event: Json, answers: (List | Error)[]): Promise<string[]> {
  const told: string[] = [];
  const { promise: done, resolve } = Promise.withResolvers<undefined>();
  let follows = 0;
  const source: WatchSource = {
    list: (_query, onItem) => {
      const answer = answers.shift() ?? new Error("no answer is left");
      if (answer instanceof Error) return Promise.reject(answer);
      for (const item of answer.items) onItem(item, 100);
      return Promise.resolve({ ...answer, items: [] });
    },
    follow: ({ resourceVersion = "" }, _signal, on) => {
      on.opened();
      told.push(`followed from ${resourceVersion}`);
      if (++follows === 2) {
        resolve(undefined);
        return new Promise(() => undefined);
      }
      on.line(event, 100);
      return Promise.reject(new NetworkError("cut"));
    },
  };
  const watch = new Watch(
    {
      changed: object => {
        told.push(`changed ${stateOf(object).resourceVersion}`);
        return true;
      },
      deleted: () => told.push("deleted"),
      listed: () => told.push("listed"),
      failed: error => {
        told.push(error instanceof NotFoundError ? "not found" : "failed");
        setImmediate(() => {
          watch.ring();
        });
      },
      resumed: () => told.push("resumed"),
      setBack: () => told.push("set back"),
    },
    kind,
    source,
  );
  watch.start();
  await done;
  watch.stop();
  return told;
}

const before = ["changed 100", "listed", "followed from 100", "changed 650", "failed"];
const setBack = ["set back", "changed 240", "listed", "resumed", "followed from 240"];

describe("a watch whose list takes long", () => {
  it("says so, and goes on with the answer", async t => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const told: string[] = [];
    const { promise, resolve } = Promise.withResolvers<List>();
    const followed = Promise.withResolvers<undefined>();
    const source: WatchSource = {
      list: async (_query, onItem) => {
        const list = await promise;
        for (const item of list.items) onItem(item, 100);
        return list;
      },
      follow: (_query, _signal, on) => {
        on.opened();
        followed.resolve(undefined);
        return new Promise(() => undefined);
      },
    };
    const handlers = {
      changed: () => told.push("changed") > 0,
      deleted: () => undefined,
      listed: () => told.push("listed"),
      failed: (error: unknown) => told.push(String(error)),
      resumed: () => told.push("resumed"),
    };
    const watch = new Watch(handlers, kind, source);
    watch.start();
    t.mock.timers.tick(5_000);
    resolve(listAt("7"));
    await followed.promise;
    watch.stop();
    assert.deepEqual(told, ["NetworkError: no answer within 5 s", "changed", "listed", "resumed"]);
  });
});

describe("a watch that was cut", () => {
  it("goes on from where it was", async () => {
    const told = await reported(modified("650"), [listAt("100"), listAt("651")]);
    assert.deepEqual(told, [...before, "resumed", "followed from 650"]);
  });

  it("starts over where the history of the cluster was set back", async () => {
    const told = await reported(modified("650"), [listAt("100"), listAt("240"), listAt("240")]);
    assert.deepEqual(told, [...before, ...setBack]);
  });

  it("notices that also where the kind was not served in between", async () => {
    const gone = new NotFoundError(404, "NotFound", "no such kind");
    const told = await reported(modified("650"), [listAt("100"), gone, listAt("240"), listAt("240")]);
    assert.deepEqual(told, [...before, "not found", "changed 240", ...setBack]);
  });
});

describe("a watch that is told to list anew", () => {
  it("does so at once, and follows from there", async () => {
    const told: string[] = [];
    const { promise: done, resolve } = Promise.withResolvers<undefined>();
    const lists = [listAt("100"), listAt("240")];
    const source: WatchSource = {
      list: (_query, onItem) => {
        const list = lists.shift();
        for (const item of list?.items ?? []) onItem(item, 100);
        return Promise.resolve({ ...list, items: [] });
      },
      follow: ({ resourceVersion = "" }, signal, on) => {
        told.push(`followed from ${resourceVersion}`);
        if (resourceVersion !== "100") {
          resolve(undefined);
          return new Promise(() => undefined);
        }
        setImmediate(() => {
          watch.relist();
          on.line(modified("101"), 100);
        });
        return new Promise((_, reject) => {
          signal.addEventListener("abort", () => {
            reject(new NetworkError("aborted"));
          });
        });
      },
    };
    const watch = new Watch(
      {
        changed: object => told.push(`changed ${stateOf(object).resourceVersion}`) > 0,
        deleted: () => told.push("deleted"),
        listed: () => told.push("listed"),
        failed: () => told.push("failed"),
      },
      kind,
      source,
    );
    watch.start();
    await done;
    watch.stop();
    assert.deepEqual(told, [
      "changed 100",
      "listed",
      "followed from 100",
      "changed 240",
      "listed",
      "followed from 240",
    ]);
  });
});
