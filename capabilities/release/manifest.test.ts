import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  MAX_DOCUMENTS,
  MAX_MANIFEST_LENGTH,
  MAX_OBJECTS,
  MAX_PROBLEMS,
  parseManifestInPieces,
} from "./manifest";

const configMap = (name: string, more = "") =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${more}`;
const objectsOf = async (manifest: string) => (await parseManifestInPieces(manifest)).objects;
const problemsOf = async (manifest: string) => (await parseManifestInPieces(manifest)).problems;
const namesOf = async (manifest: string) => (await objectsOf(manifest)).map(({ metadata }) => metadata.name);
const reasonsOf = async (manifest: string) => (await problemsOf(manifest)).map(({ reason }) => reason);

/** Asserts that a manifest holds these objects and has no problem. */
async function assertNames(manifest: string, names: string[]) {
  assert.deepEqual(await namesOf(manifest), names);
  assert.deepEqual(await reasonsOf(manifest), []);
}

// The expected results are those of cli-runtime's resource builder, with which Helm reads manifests.
describe("documents", () => {
  it("come in Helm's order", async () => {
    await assertNames(
      `---\n# Source: c/b.yaml\n${configMap("b")}---\n# Source: c/a.yaml\n${configMap("a")}`,
      ["b", "a"],
    );
  });

  it("may be empty, null, or hold comments only", async () => {
    await assertNames(`---\n# c\n---\n\n---\n~\n--- # d\n${configMap("a")}---\n${configMap("b")}---`, [
      "a",
      "b",
    ]);
    await assertNames("", []);
  });

  it("may have a byte order mark and Windows line ends", async () => {
    await assertNames(`\uFEFF---\n${configMap("a")}`, ["a"]);
    await assertNames(`---\n${configMap("a")}--- \n${configMap("b")}`.replaceAll("\n", "\r\n"), ["a", "b"]);
    const problems = await problemsOf("---\r\n# Source: c/a.yaml\r\nfoo\r\n");
    assert.equal(problems[0]?.source, "c/a.yaml");
  });

  it("may be JSON, and hold --- where it is indented", async () => {
    await assertNames(`---\n{"apiVersion": "v1", "kind": "ConfigMap",\n\t"metadata": {"name": "j"}}\n`, [
      "j",
    ]);
    const objects = await objectsOf(`---\n${configMap("a", "data:\n  x: |\n    ---\n    y")}`);
    assert.deepEqual(objects[0]?.data, { x: "---\ny\n" });
    const [quoted] = await objectsOf(`---\n${configMap("a", 'data:\n  x: "\u2028---"')}`);
    assert.deepEqual(quoted?.data, { x: "\u2028---" });
  });

  it("end at their end marker", async () => {
    await assertNames(`---\n${configMap("a")}...\n${configMap("b")}`, ["a"]);
  });

  it("keep big integers and the namespace as written", async () => {
    const objects = await objectsOf(
      "apiVersion: x.io/v1\nkind: Thing\nmetadata: {name: t, namespace: shop}\nspec: {id: 9007199254740993}",
    );
    assert.deepEqual(objects, [
      {
        apiVersion: "x.io/v1",
        kind: "Thing",
        metadata: { name: "t", namespace: "shop" },
        spec: { id: 9007199254740993n },
      },
    ]);
  });

  it("are normalized", async () => {
    const [secret] = await objectsOf(
      "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: b}\nstatus: {}",
    );
    assert.deepEqual(secret, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s" },
      data: { a: "Yg==" },
    });
  });
});

describe("lists", () => {
  it("are flattened, nested ones too", async () => {
    const item = (name: string) => `{apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}}}`;
    const nested = `{apiVersion: v1, kind: List, items: [${item("b")}]}`;
    await assertNames(`apiVersion: v1\nkind: List\nitems: [${item("a")}, ${nested}, ${item("c")}]`, [
      "a",
      "b",
      "c",
    ]);
    await assertNames("apiVersion: v1\nkind: List\nitems: []\n---\napiVersion: v1\nkind: List\nitems:\n", []);
  });

  it("give their type to items that have none", async () => {
    const objects = await objectsOf("apiVersion: v1\nkind: ConfigMapList\nitems:\n- metadata: {name: a}\n");
    assert.deepEqual(objects, [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } }]);
    assert.deepEqual(
      (await reasonsOf("apiVersion: v1\nkind: List\nitems:\n- metadata: {name: a}\n")).length,
      1,
    );
  });

  it("are not every kind that is called so", async () => {
    await assertNames("apiVersion: x.io/v1\nkind: AllowList\nmetadata: {name: l}\n", ["l"]);
  });

  it("report each item that is no object", async () => {
    assert.deepEqual(await reasonsOf("apiVersion: v1\nkind: List\nitems: [null, foo]"), [
      "is null, not a Kubernetes object",
      "is a string, not a Kubernetes object",
    ]);
  });
});

describe("problems", () => {
  it("name the document and its template, and leave the others alone", async () => {
    const manifest = `---\n# Source: c/a.yaml\n${configMap("a")}---\n# Source: c/bad.yaml\na: b: c\n---\nfoo\n---\n${configMap("d")}`;
    assert.deepEqual(await problemsOf(manifest), [
      {
        document: 2,
        source: "c/bad.yaml",
        reason: "is not valid YAML: block as implicit key at line 2, column 4",
      },
      { document: 3, reason: "is a string, not a Kubernetes object" },
    ]);
    assert.deepEqual(await namesOf(manifest), ["a", "d"]);
  });

  it("are told apart", async () => {
    const cases: [document: string, reason: RegExp][] = [
      ["{}", /holds an object whose apiVersion is missing/],
      ["apiVersion: v1\nmetadata: {name: a}", /whose kind is missing/],
      ["kind: ConfigMap\nmetadata: {name: a}", /ConfigMap whose apiVersion is missing/],
      ["apiVersion: v1\nkind: ConfigMap", /ConfigMap whose metadata is missing/],
      ["apiVersion: v1\nkind: ConfigMap\nmetadata: {}", /metadata.name is missing/],
      ["apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ''}", /metadata.name is empty/],
      [
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 123}",
        /metadata.name is a number, not a string: quote it/,
      ],
      [
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: 5}",
        /metadata.namespace is a number/,
      ],
      [
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {on: yes}}",
        /metadata.labels.true is a boolean/,
      ],
      ["apiVersion: v1\nkind: Job\nmetadata: {generateName: j-}", /Job with generateName and no name/],
      ["[1]", /is a list, not a Kubernetes object/],
      ["--- {apiVersion: v1}", /behind its ---/],
      ["----", /behind its ---/],
      [configMap("a", "data:\n  x: |\n---\n  y"), /is a boolean, not a Kubernetes object/],
      [
        `${configMap("a")}---\n${configMap("a", "data: {x: z}")}`,
        /repeats ConfigMap "a" of an earlier document/,
      ],
    ];
    for (const [document, reason] of cases) {
      const reasons = await reasonsOf(document);
      assert.equal(reasons.length, 1, document);
      assert.match(reasons[0] ?? "", reason);
    }
  });

  it("never quote a value", async () => {
    const broken = [
      "stringData:\n  password: 'hunter2",
      "metadata: {name: a, labels: {p: [hunter2]}}",
      "hunter2",
    ];
    for (const document of broken) {
      const { objects, problems } = await parseManifestInPieces(
        `apiVersion: v1\nkind: Secret\n---\n${document}`,
      );
      assert.deepEqual([objects.length, problems.length], [0, 2]);
      assert.doesNotMatch(JSON.stringify(problems), /hunter2/);
    }
  });
});

describe("repeated objects", () => {
  it("are one, the last", async () => {
    const objects = await objectsOf(
      [configMap("a", "data: {v: '1'}"), configMap("b"), configMap("a", "data: {v: '2'}")].join("\n---\n"),
    );
    assert.deepEqual(
      objects.map(({ metadata, data }) => [metadata.name, data]),
      [
        ["b", undefined],
        ["a", { v: "2" }],
      ],
    );
  });

  it("are one in two versions of a group, but not in two namespaces, groups or kinds", async () => {
    const thing = (apiVersion: string, kind = "Thing", namespace = "shop") =>
      `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: a, namespace: ${namespace}}`;
    assert.equal((await namesOf([thing("x.io/v1"), thing("x.io/v2")].join("\n---\n"))).length, 1);
    const different = [
      thing("x.io/v1"),
      thing("y.io/v1"),
      thing("v1"),
      thing("x.io/v1", "Other"),
      thing("x.io/v1", "Thing", "m"),
    ];
    await assertNames(different.join("\n---\n"), ["a", "a", "a", "a", "a"]);
  });
});

describe("limits", () => {
  const list = (items: number, item: (index: number) => string) =>
    `---\napiVersion: v1\nkind: ConfigMapList\nitems: [${Array.from({ length: items }, (_, i) => item(i)).join()}]`;

  it("refuse the whole manifest, never a part of it", async () => {
    const beyond = [
      " ".repeat(MAX_MANIFEST_LENGTH + 1),
      "---\na\n".repeat(MAX_DOCUMENTS),
      "---\n".repeat(MAX_MANIFEST_LENGTH / 8),
      list(MAX_OBJECTS, index => `{metadata: {name: a${index}}}`),
    ];
    for (const manifest of beyond) {
      const { objects, problems } = await parseManifestInPieces(configMap("a") + manifest);
      assert.deepEqual([objects.length, problems.length], [0, 1]);
    }
  });

  it("keep the first of many problems", async () => {
    const { objects, problems } = await parseManifestInPieces(
      `${list(50_000, () => "1")}\n---\n${configMap("a")}`,
    );
    assert.deepEqual([objects.length, problems.length], [1, MAX_PROBLEMS]);
  });

  it("leave room for a manifest of 4 MB and a thousand objects", async () => {
    const data = `data:\n  a: |\n${"    some text of a line\n".repeat(160)}`;
    const names = Array.from({ length: 1000 }, (_, index) => `c${index}`);
    const manifest = names.map(name => `---\n${configMap(name, data)}`).join("");
    assert.ok(manifest.length > 3_800_000);
    await assertNames(manifest, names);
  });

  it("leave room for 40,000 lines of objects", async () => {
    const rule = "- apiGroups: ['']\n  resources: [pods]\n  verbs: [get]\n";
    const role = (index: number) =>
      `---\napiVersion: v1\nkind: Role\nmetadata:\n  name: r${index}\nrules:\n${rule.repeat(66)}`;
    const { objects, problems } = await parseManifestInPieces(
      Array.from({ length: 200 }, (_, i) => role(i)).join(""),
    );
    assert.deepEqual([objects.length, problems], [200, []]);
  });
});
