import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { electFieldManager, fieldManagerVote, writersOf } from "./field-manager";

describe("the field manager", () => {
  const owning = { "f:metadata": { "f:annotations": { ".": {}, "f:meta.helm.sh/release-name": {} } } };
  const other = { "f:metadata": { "f:annotations": { "f:note": {} } }, "f:data": { "f:a": {} } };
  const live = (
    ...managedFields: { manager?: string; operation?: string; subresource?: string; fieldsV1?: unknown }[]
  ) => ({
    metadata: { managedFields },
  });

  it("is who owns the release's name", () => {
    const entries = [
      { manager: "kubectl-edit", fieldsV1: other },
      { manager: "helm", fieldsV1: owning },
    ];
    assert.equal(fieldManagerVote(live(...entries)), "helm");
    assert.equal(
      fieldManagerVote(live({ manager: "terraform-provider-helm", fieldsV1: owning })),
      "terraform-provider-helm",
    );
  });

  const made = { "f:metadata": owning["f:metadata"], "f:data": { "f:a": {} } };
  const evil = { manager: "evil", operation: "Apply", fieldsV1: owning };

  it("is nobody who has only put himself beside Helm, by an apply that changes nothing", () => {
    for (const operation of ["Apply", "Update"])
      assert.equal(fieldManagerVote(live(evil, { manager: "sdk", operation, fieldsV1: made })), "sdk");
    const whole = { ...evil, fieldsV1: made };
    assert.equal(
      fieldManagerVote(live(whole, { manager: "sdk", operation: "Update", fieldsV1: made })),
      "sdk",
    );
    assert.equal(
      fieldManagerVote(live(evil, { manager: "sdk", operation: "Update", fieldsV1: owning })),
      "sdk",
    );
  });

  it("is who wrote the record, whatever is left of it on the object", () => {
    const left = { manager: "helm", operation: "Update", fieldsV1: other };
    const whole = { ...evil, fieldsV1: made };
    assert.equal(fieldManagerVote(live(whole, left)), "evil");
    assert.equal(fieldManagerVote(live(whole, left), ["helm"]), "helm");
    assert.equal(fieldManagerVote(live({ ...left, subresource: "status" }), ["helm"]), undefined);
  });

  it("is named on a record as on objects, also where Helm's command line wrote it", () => {
    const record = live({ manager: "Helm", fieldsV1: {} }, { manager: "kubectl-edit" }, { manager: "sdk" });
    assert.deepEqual(writersOf(record), ["helm", "sdk"]);
    assert.deepEqual(writersOf(live({ manager: "HELM" })), ["HELM"]);
    assert.deepEqual(writersOf({ metadata: {} }), []);
  });

  it("stays who was elected before, unless the record's writer has votes", () => {
    assert.equal(electFieldManager(["evil", "evil"], ["helm"], "sdk"), "sdk");
    assert.equal(electFieldManager(["evil", "evil", "helm"], ["helm"], "sdk"), "helm");
    assert.equal(electFieldManager(["evil", "evil", "helm"], ["helm"]), "helm");
    assert.equal(electFieldManager(["sdk", "sdk", "x"], ["helm"]), "sdk");
  });

  it("is never a hand that is not Helm's", () => {
    for (const manager of ["kubectl-annotate", "kubectl", "pepr", "before-first-apply", ""]) {
      assert.equal(fieldManagerVote(live({ manager, fieldsV1: owning })), undefined);
      assert.equal(
        fieldManagerVote(live({ manager, fieldsV1: owning }, { manager: "sdk", fieldsV1: owning })),
        "sdk",
      );
    }
  });

  it("is unknown where nobody owns the name", () => {
    for (const object of [
      undefined,
      {},
      { metadata: {} },
      live(),
      live({ manager: "helm", fieldsV1: other }),
      live({ manager: "x" }),
    ]) {
      assert.equal(fieldManagerVote(object), undefined);
    }
  });

  it("is elected by the objects of a release", () => {
    const cases: [votes: string[], elected: string][] = [
      [[], "helm"],
      [["sdk"], "sdk"],
      [["sdk", "helm", "helm"], "helm"],
      [["sdk", "helm", "sdk"], "sdk"],
      [["sdk", "helm"], "helm"],
      [["b", "a", "b", "a", "c"], "a"],
    ];
    for (const [votes, elected] of cases) assert.equal(electFieldManager(votes), elected);
  });
});
