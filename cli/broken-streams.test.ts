import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import { endWhereBroken } from "./broken-streams";

describe("an output that can't be written", () => {
  function ended(broken: "stdout" | "stderr", code: string) {
    const streams = { stdout: new PassThrough(), stderr: new PassThrough({ encoding: "utf8" }) };
    const codes: number[] = [];
    endWhereBroken(streams.stdout, streams.stderr, exitCode => codes.push(exitCode));
    streams[broken].emit("error", Object.assign(new Error(`write ${code}`), { code }));
    return { codes, told: String(streams.stderr.read() ?? "") };
  }

  it("ends the command well where the reader has closed the pipe", () => {
    assert.deepEqual(ended("stdout", "EPIPE"), { codes: [0], told: "" });
  });

  it("ends it with an error otherwise", () => {
    const told = "error: the output can't be written: write ENOSPC\n";
    assert.deepEqual(ended("stdout", "ENOSPC"), { codes: [1], told });
  });

  it("does not matter where only warnings are lost", () => {
    assert.deepEqual(ended("stderr", "EPIPE"), { codes: [], told: "" });
  });
});
