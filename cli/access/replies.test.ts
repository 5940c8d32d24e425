import assert from "node:assert/strict";
import { it } from "node:test";
import * as z from "zod";
import { readReply } from "./replies";

it("readReply says in one line what a reply is not", () => {
  const schema = z.object({ groups: z.array(z.string()) });
  assert.deepEqual(readReply(schema, { groups: ["apps"] }, "a list"), { groups: ["apps"] });
  for (const reply of [undefined, "<html>", { groups: 1 }])
    assert.throws(() => readReply(schema, reply, "a list"), {
      name: "UserError",
      message: /^.* is not a list: .*$/,
    });
});
