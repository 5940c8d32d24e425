import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PolicyError } from "./policy-error";
import { readSelector } from "./selector";

const labels = { app: "web", tier: "front", "helm.sh/chart": "web-1.0" };

describe("a selector", () => {
  const cases: [text: string, holds: boolean][] = [
    ["app=web", true],
    ["app == web", true],
    ["app=api", false],
    ["app!=api", true],
    ["app!=web", false],
    ["canary!=yes", true],
    ["tier in (front, back)", true],
    ["tier in (back)", false],
    ["tier notin (back,side)", true],
    ["canary notin (yes)", true],
    ["helm.sh/chart", true],
    ["canary", false],
    ["!canary", true],
    ["! app", false],
    ["app=web,tier in (a, front),!canary", true],
    ["app=web,tier in (a, b),!canary", false],
    ["toString", false],
    ["constructor!=x", true],
  ];
  for (const [text, holds] of cases)
    it(`"${text}" ${holds ? "selects" : "does not select"} them`, () => {
      assert.equal(readSelector("labelSelector", text)(labels), holds);
    });

  for (const text of ["", "app=web,", "=web", "app=a b", "tier in a", "tier in (a", "app in (a) b", "a>1"])
    it(`"${text}" is refused, with where it stands and what is accepted`, () => {
      assert.throws(
        () => readSelector("spec.target.labelSelector", text),
        (error: unknown) =>
          error instanceof PolicyError &&
          /^spec\.target\.labelSelector .* kubectl get -l/.test(error.message),
      );
    });
});
