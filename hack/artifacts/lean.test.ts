import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { runInNewContext } from "node:vm";
import { build, type Metafile } from "esbuild";
import { lean } from "./lean";
import { BUNDLING } from "./module";

/** The most bytes of the bundle. */
const MOST = 2_300_000;

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

  it("is small", () => {
    const [, output] = Object.entries(metafile.outputs).find(([path]) => path.endsWith(".cjs")) ?? [];
    assert.ok(output && output.bytes < MOST, `${output?.bytes} bytes`);
  });
});

it("what is left out says so if it is called", async () => {
  const { outputFiles } = await build({
    stdin: { contents: `require("tar-fs").pack("/")` },
    bundle: true,
    write: false,
    platform: "node",
    plugins: [lean],
  });
  const code = outputFiles[0]?.text ?? "";
  assert.throws(() => {
    runInNewContext(code);
  }, /tar-fs is not in this bundle, as nothing needs kubectl cp/);
});

/** The package that a file of node_modules is of. */
function packageOf(path: string): string {
  const [, name = ""] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
  return name;
}
