import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { namespaceOf } from "./targets";

const contexts = [
  { name: "here", context: { cluster: "c", user: "u" } },
  { name: "there", context: { cluster: "c", user: "u", namespace: "demo" } },
];

let directory: string;
const { KUBECONFIG: former } = process.env;

before(() => {
  directory = mkdtempSync(join(tmpdir(), "targets-"));
  const kubeconfig = join(directory, "kubeconfig");
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      "current-context": "there",
      clusters: [{ name: "c", cluster: { server: "https://localhost:1" } }],
      users: [{ name: "u", user: {} }],
      contexts,
    }),
  );
  process.env.KUBECONFIG = kubeconfig;
});

after(() => {
  if (former === undefined) delete process.env.KUBECONFIG;
  else process.env.KUBECONFIG = former;
  rmSync(directory, { recursive: true });
});

it("namespaceOf knows the namespace of a context, and of the current one", () => {
  assert.deepEqual([undefined, "here", "there", "absent"].map(namespaceOf), [
    "demo",
    "default",
    "demo",
    "default",
  ]);
});
