import assert from "node:assert/strict";
import { describe, it } from "node:test";
import packageJson from "../package.json";
import { CRD_VERSION_ANNOTATION, isOutdated } from "./definition";

const [major = 0, minor = 0, patch = 0] = packageJson.version.split(".").map(Number);

describe("isOutdated", () => {
  const cases: [version: string | undefined, expected: boolean][] = [
    [undefined, true],
    ["", true],
    ["newest", true],
    ["0.0.99", true],
    [packageJson.version, false],
    [`${major}.${minor}.${patch + 1}`, false],
    [`${major}.${minor + 10}.0`, false],
    [`${major + 1}.0.0`, false],
  ];

  for (const [version, expected] of cases) {
    it(`is ${expected} for ${version === undefined ? "none" : `"${version}"`}`, () => {
      const annotations = version === undefined ? {} : { [CRD_VERSION_ANNOTATION]: version };
      assert.equal(isOutdated(annotations), expected);
    });
  }
});
