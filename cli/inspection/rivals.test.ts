import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kindOf } from "../../capabilities/kube/kinds";
import type { KubeObject } from "../../capabilities/kube/object";
import type { ReleaseRef } from "../../capabilities/release/release";
import { Rivals } from "./rivals";

const configMaps = kindOf({ apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true });
const named = (name: string): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "demo" },
});

describe("Rivals", () => {
  const reads: string[] = [];
  const rivals = new Rivals({
    newest: ({ name }: ReleaseRef) => {
      reads.push(name);
      if (name === "garbage") return Promise.resolve({ is: "unreadable", revision: 1, reason: "" });
      const status = name === "gone" ? "uninstalled" : "deployed";
      const record = {
        status,
        manifest: name,
        revision: 1,
        description: "",
        notes: "",
        isServerSide: false,
      } as const;
      const state = { driver: "Secret", revision: 1, uid: "u", resourceVersion: "1" } as const;
      return Promise.resolve({
        is: "record",
        state,
        record: { ...record, name, namespace: "demo" },
        writers: [],
      });
    },
    manifests: {
      read: manifest =>
        Promise.resolve({
          objects: [{ kind: configMaps, desired: named(manifest) }],
          untracked: [],
          isWaiting: false,
        }),
    },
  });
  const tracks = (name: string, object: string) => rivals.tracks({ namespace: "demo", name }, named(object));

  it("answers all who ask of one release, and reads its record once", async () => {
    assert.deepEqual(
      await Promise.all([tracks("shop", "shop"), tracks("shop", "other"), tracks("web", "web")]),
      [true, false, true],
    );
    assert.deepEqual(reads, ["shop", "web"]);
  });

  it("knows nothing of what is gone, or can't be read", async () => {
    assert.deepEqual([await tracks("gone", "gone"), await tracks("garbage", "garbage")], [false, false]);
  });
});
