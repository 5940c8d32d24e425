import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { runInNewContext } from "node:vm";
import { build, type Metafile } from "esbuild";
import { ROOT } from "../lib/project";
import { BUNDLING } from "./module";

/** The most bytes of the bundle. */
const MOST = 1_800_000;

/** The most kilobytes of what each package has in it, a tenth more than on 2026-11-27; of any other package, OTHERS. */
const MOST_OF: Readonly<Record<string, number>> = {
  "": 345,
  undici: 400,
  re2js: 170,
  yaml: 130,
  zod: 115,
  ramda: 95,
  "@kubernetes/client-node": 90,
  "readable-stream": 80,
  pepr: 50,
  "js-yaml": 45,
  "prom-client": 40,
  winston: 35,
  "jsonpath-plus": 28,
  "@so-ric/colorspace": 28,
  pino: 28,
  "@opentelemetry/api": 26,
  "kubernetes-fluent-client": 23,
  "node-fetch": 22,
  oauth4webapi: 20,
  "http-status-codes": 17,
  "fast-json-patch": 14,
  "thread-stream": 12,
};
const OTHERS = 11;

/** What only comes with what is left out, and would be found again if it was not. */
const ABSENT = [
  "express",
  "body-parser",
  "iconv-lite",
  "mime-db",
  "qs",
  "send",
  "tr46",
  "ws",
  "socks",
  "tar-stream",
];

describe("the locker's bundle", () => {
  let metafile: Metafile;
  before(async () => {
    const result = await build({ ...BUNDLING, write: false, metafile: true });
    metafile = result.metafile;
  });

  it("has no byte of packages that a locker never calls", () => {
    const packages = Object.keys(metafile.inputs).map(packageOf);
    assert.deepEqual(
      ABSENT.filter(name => packages.includes(name)),
      [],
    );
  });

  it("is small, and so is each package's part of it", () => {
    const [, output] = Object.entries(metafile.outputs).find(([path]) => path.endsWith(".cjs")) ?? [];
    assert.ok(output && output.bytes < MOST, `${output?.bytes} bytes`);
    const bytes = new Map<string, number>();
    for (const [path, { bytesInOutput }] of Object.entries(output.inputs))
      bytes.set(packageOf(path), (bytes.get(packageOf(path)) ?? 0) + bytesInOutput);
    const tooLarge = [...bytes].filter(([name, size]) => size > 1000 * (MOST_OF[name] ?? OTHERS));
    assert.deepEqual(tooLarge, []);
  });
});

it("what is left out says so if it is called", async () => {
  const { outputFiles } = await bundled(`require("tar-fs").pack("/")`);
  const code = outputFiles[0]?.text ?? "";
  assert.throws(() => {
    runInNewContext(code);
  }, /tar-fs is not in this bundle, as nothing needs kubectl cp/);
});

it("a model says so, too, if it is to be made from JSON", async () => {
  const { outputFiles } = await bundled(`
    import { ObjectSerializer } from "./node_modules/@kubernetes/client-node/dist/gen/models/ObjectSerializer.js";
    ObjectSerializer.deserialize({}, "V1Pod");`);
  assert.throws(() => {
    runInNewContext(outputFiles[0]?.text ?? "");
  }, /the models' serializer is not in this bundle/);
});

it("what is imported of undici and is left out fails the build", async () => {
  for (const [program, why] of [
    [`import { MockAgent } from "undici"; new MockAgent();`, /No matching export/],
    [`import * as undici from "undici"; new undici.MockAgent();`, /"MockAgent" will always be undefined/],
  ] as const)
    await assert.rejects(bundled(program), why);
});

/** A program, bundled as the locker is. */
function bundled(contents: string) {
  return build({
    stdin: { contents, resolveDir: ROOT },
    bundle: true,
    write: false,
    platform: "node",
    logLevel: "silent",
    logOverride: BUNDLING.logOverride,
    plugins: BUNDLING.plugins,
  });
}

/** The package that a file of node_modules is of; none: the locker's own. */
function packageOf(path: string): string {
  const [, name = ""] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
  return name;
}
