import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ApiError,
  apiError,
  ConflictError,
  ExpiredError,
  ForbiddenError,
  InvalidError,
  isRefusal,
  NetworkError,
  NotFoundError,
  SchemaError,
  ThrottledError,
} from "./errors";

const reply = { reason: "Because", message: "the server's words", retryAfterSeconds: 3 };

describe("apiError", () => {
  const cases: [status: number, type: abstract new (...args: never[]) => ApiError, name: string][] = [
    [400, InvalidError, "InvalidError"],
    [401, ApiError, "ApiError"],
    [403, ForbiddenError, "ForbiddenError"],
    [404, NotFoundError, "NotFoundError"],
    [405, ApiError, "ApiError"],
    [409, ConflictError, "ConflictError"],
    [410, ExpiredError, "ExpiredError"],
    [413, ApiError, "ApiError"],
    [422, InvalidError, "InvalidError"],
    [429, ThrottledError, "ThrottledError"],
    [500, ApiError, "ApiError"],
    [503, ApiError, "ApiError"],
  ];

  for (const [status, type, name] of cases) {
    it(`makes a ${name} of ${status}`, () => {
      const error = apiError(status, reply);
      assert.equal(error.constructor, type);
      assert.ok(error instanceof ApiError);
      assert.equal(error.name, name);
      assert.equal(error.status, status);
      assert.equal(error.message, reply.message);
    });
  }

  const complaints = [
    ".spec.extra: field not declared in schema",
    'failed to create typed patch object: .spec.ports: duplicate entries for key [port=80,protocol="TCP"]',
    'failed to create typed patch object: .secrets: element 0: associative list with keys has an element that omits all key fields ["name"]',
    "failed to create typed patch object: .spec.set: element 0: not supported: associative list with lists as elements",
  ];

  for (const message of complaints) {
    it(`makes a SchemaError of 500 with "${message}"`, () => {
      assert.ok(apiError(500, { ...reply, message }) instanceof SchemaError);
      assert.ok(apiError(422, { ...reply, message }) instanceof InvalidError);
    });
  }

  const refusals: [error: unknown, is: boolean][] = [
    [apiError(422, reply), true],
    [apiError(403, reply), true],
    [apiError(404, reply), true],
    [apiError(500, { ...reply, message: complaints[0] ?? "" }), true],
    [apiError(409, reply), false],
    [apiError(429, reply), false],
    [apiError(500, reply), false],
    [new NetworkError("no answer"), false],
  ];

  for (const [error, is] of refusals) {
    it(`takes ${String(error)} ${is ? "" : "not "}for a refusal`, () => {
      assert.equal(isRefusal(error), is);
    });
  }

  it("keeps Kubernetes' own reason", () => {
    assert.equal(apiError(409, reply).reason, "Because");
  });

  it("tells in milliseconds when a throttled client may come back", () => {
    const error = apiError(429, reply);
    assert.ok(error instanceof ThrottledError);
    assert.equal(error.retryAfter, 3_000);
  });
});
