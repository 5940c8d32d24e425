import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { assertFitsSecret, ModuleSizeError } from "./module-secret";

/** Random bytes can't be compressed; base64 makes 4 bytes from 3. */
const incompressible = (bytes: number): Buffer => randomBytes(bytes);

test("a module that is large, but compresses well, fits", () => {
  assertFitsSecret(Buffer.alloc(5_000_000));
});

test("a module just below the limit fits", () => {
  assertFitsSecret(incompressible(780_000));
});

test("a module over the limit does not, and the error names size and limit", () => {
  assert.throws(
    () => {
      assertFitsSecret(incompressible(900_000));
    },
    (error: unknown) =>
      error instanceof ModuleSizeError && /1,20\d,\d{3} bytes .* 1,048,576/.test(error.message),
  );
});
