import assert from "node:assert/strict";
import { test } from "node:test";
import { peprStoreCRD } from "pepr/src/lib/assets/store";
import { PEPR_STORE_CRD } from "./pepr-store";

test("the definition of Pepr's store is Pepr's own", () => {
  assert.deepEqual(PEPR_STORE_CRD, peprStoreCRD);
});
