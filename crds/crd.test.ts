import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { fileOf, yamlOf } from "./definition";
import { definitions } from "./definitions";
import { helmReleaseSchema } from "./helm-release";

const metadata = { name: "web", namespace: "cattle-helm-system" };

for (const definition of definitions) {
  it(`the file of ${definition.metadata.name} is up to date`, () => {
    const file = readFileSync(join(__dirname, fileOf(definition)), "utf8");
    assert.equal(file, yamlOf(definition), "run: npm run crds");
  });
}

/** Source: CEL's language definition, reserved words. */
const RESERVED =
  "as|break|const|continue|else|for|function|if|import|let|loop|namespace|package|return|var|void|while";

for (const definition of definitions) {
  it(`rules of ${definition.metadata.name} escape fields with reserved words, as older API servers want it`, () => {
    const rules = yamlOf(definition).match(/rule: .*/g) ?? [];
    const unescaped = rules.filter(rule => new RegExp(`\\.\\??(${RESERVED})\\b`).test(rule));
    assert.deepEqual(unescaped, []);
    assert.ok(rules.length > 0);
  });
}

it("every object that Rancher's helm-locker accepts is accepted", () => {
  const conditions = [
    { type: "Ready", status: "True", lastUpdateTime: "2021-09-01T00:00:00Z", message: null },
    {},
  ];
  const objects = [
    {},
    { spec: {} },
    { spec: null },
    { spec: { release: null } },
    { spec: { release: {} } },
    { spec: { release: { name: null, namespace: "shop" } } },
    {
      spec: { release: { name: "web", namespace: "shop" } },
      status: { state: "Deployed", version: 3, conditions },
    },
    { status: { state: null, description: null, notes: null, version: 0, conditions: null } },
    { status: { state: "SomethingElse" } },
  ];
  for (const object of objects) {
    assert.deepEqual(helmReleaseSchema.parse({ metadata, ...object }), { metadata, ...object });
  }
});

it("unknown fields are dropped", () => {
  const object = {
    metadata: { ...metadata, managedFields: [] },
    spec: { release: { name: "web" }, later: true },
  };
  assert.deepEqual(helmReleaseSchema.parse(object), { metadata, spec: object.spec });
});

it("an object with fields of the wrong type is refused, but for its spec, of which the status tells", () => {
  assert.equal(helmReleaseSchema.safeParse({ metadata, status: { version: "1" } }).success, false);
  assert.equal(helmReleaseSchema.safeParse({ metadata, spec: { release: { name: 1 } } }).success, true);
});
