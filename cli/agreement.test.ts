import assert from "node:assert/strict";
import { it } from "node:test";
import { assertAgreed } from "./agreement";

const RELEASE = { args: "[RELEASE]" };

it("refuses what speaks of two namespaces", () => {
  const wrong: [args: string[], flags: Parameters<typeof assertAgreed>[2]][] = [
    [[], { namespace: "demo", allNamespaces: true }],
    [["shop"], { allNamespaces: true }],
    [["demo/shop"], { allNamespaces: true }],
    [["demo/shop"], { namespace: "other" }],
  ];
  for (const [args, flags] of wrong)
    assert.throws(
      () => {
        assertAgreed(RELEASE, args, flags);
      },
      { name: "UserError" },
    );
});

it("takes what speaks of one, or of all", () => {
  assertAgreed(RELEASE, [], {});
  assertAgreed(RELEASE, [], { allNamespaces: true });
  assertAgreed(RELEASE, ["shop"], { namespace: "demo" });
  assertAgreed(RELEASE, ["demo/shop"], { namespace: "demo" });
  assertAgreed({ args: "KIND[/NAME] [NAME]" }, ["cm/shop"], { namespace: "demo" });
});
