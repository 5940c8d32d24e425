import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { normalize } from "./normalize";
import type { JsonObject } from "../kube/object";

const make = (apiVersion: string, kind: string, fields: JsonObject) => ({
  apiVersion,
  kind,
  metadata: { name: "a" },
  ...fields,
});

function assertNormalized(
  apiVersion: string,
  kind: string,
  { before, after }: Record<"before" | "after", JsonObject>,
) {
  assert.deepEqual(normalize(make(apiVersion, kind, before)), make(apiVersion, kind, after));
}

describe("normalized objects", () => {
  it("keep their nulls, which Helm sends", () => {
    const fields = { spec: { a: null, deep: { a: null }, list: [null, { b: null, a: 1 }] }, a: null };
    assertNormalized("x.io/v1", "Thing", { before: fields, after: fields });
  });

  it("have no namespace where it is empty", () => {
    for (const namespace of ["", null])
      assertNormalized("v1", "ConfigMap", {
        before: { metadata: { name: "a", namespace } },
        after: { metadata: { name: "a" } },
      });
  });

  it("have the empty strings that the API server makes of null in maps of strings", () => {
    assertNormalized("v1", "ConfigMap", {
      before: { metadata: { name: "a", labels: { l: null }, annotations: { n: null } }, data: { d: null } },
      after: { metadata: { name: "a", labels: { l: "" }, annotations: { n: "" } }, data: { d: "" } },
    });
  });

  it("have no empty maps of data, which an immutable object would be refused with", () => {
    for (const kind of ["ConfigMap", "Secret"])
      assertNormalized("v1", kind, {
        before: { data: { a: "" }, binaryData: {}, stringData: {}, immutable: true },
        after: { data: { a: "" }, immutable: true },
      });
    assertNormalized("x.io/v1", "Thing", { before: { data: {} }, after: { data: {} } });
  });

  it("have neither status nor what else the server writes", () => {
    const metadata = { name: "a", namespace: "n", finalizers: ["f"] };
    assertNormalized("x.io/v1", "Thing", {
      before: {
        metadata: { ...metadata, uid: "u", resourceVersion: "1", managedFields: [] },
        status: { ready: true },
      },
      after: { metadata },
    });
  });

  it("have a Secret's stringData in data, where it wins", () => {
    assertNormalized("v1", "Secret", {
      before: { data: { a: "b2xk", b: "a2VwdA==" }, stringData: { a: "new", c: "é", __proto__: "x" } },
      after: { data: { a: "bmV3", b: "a2VwdA==", c: "w6k=" } },
    });
    assertNormalized("v1", "Secret", { before: { stringData: { a: "x" } }, after: { data: { a: "eA==" } } });
  });

  it("keep the stringData of other kinds", () => {
    const fields = { stringData: { a: "x" } };
    assertNormalized("x.io/v1", "Secret", { before: fields, after: fields });
  });

  it("keep ports without a protocol", () => {
    const fields = { spec: { ports: [{ port: 80 }, { port: 53, protocol: "UDP" }] } };
    assertNormalized("v1", "Service", { before: fields, after: fields });
  });
});
