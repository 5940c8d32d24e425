import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ApiError, ConflictError, NotFoundError } from "../../capabilities/cluster/errors";
import { retried } from "./writes";

describe("retried", () => {
  for (const ErrorClass of [ConflictError, NotFoundError]) {
    it(`tries again after a ${ErrorClass.name}, but not forever`, async () => {
      let count = 0;
      const outrun = (times: number) => () => {
        count++;
        if (count <= times) throw new ErrorClass(409, "", "not as it was");
        return Promise.resolve(count);
      };
      assert.equal(await retried(outrun(2)), 3);
      count = 0;
      await assert.rejects(retried(outrun(Infinity)), ErrorClass);
      assert.equal(count, 5);
    });
  }

  it("does not try again what was refused", async () => {
    let count = 0;
    const refused = retried(() => {
      count++;
      return Promise.reject(new ApiError(422, "Invalid", "no"));
    });
    await assert.rejects(refused, ApiError);
    assert.equal(count, 1);
  });
});
