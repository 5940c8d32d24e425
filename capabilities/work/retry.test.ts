import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { apiError, NetworkError, TooLateError } from "../cluster/errors";
import { retryDelay } from "./retry";

const answer = (status: number, retryAfterSeconds = 1) =>
  apiError(status, { reason: "", message: "no", retryAfterSeconds });

const hanging = apiError(500, {
  reason: "InternalError",
  message:
    'Internal error occurred: failed calling webhook "slow.example.com": failed to call webhook: Post "https://slow/?timeout=10s": context deadline exceeded',
  retryAfterSeconds: 1,
});

const refusing = apiError(500, {
  reason: "InternalError",
  message:
    'Internal error occurred: failed calling webhook "gone.example.com": failed to call webhook: Post "https://gone/?timeout=10s": dial tcp: connection refused',
  retryAfterSeconds: 1,
});

const unknownUser = apiError(403, {
  reason: "Forbidden",
  message:
    'configmaps "a" is forbidden: User "locker" cannot patch resource "configmaps" in API group "" in the namespace "b"',
  retryAfterSeconds: 1,
});

const noAnswer = new NetworkError("no answer");

describe("retryDelay", () => {
  const cases: [what: string, error: unknown, attempt: number, random: number, milliseconds: number][] = [
    ["begins with a short pause", noAnswer, 1, 1, 25],
    ["spreads it down to half", noAnswer, 1, 0, 12.5],
    ["doubles it", noAnswer, 2, 1, 50],
    ["doubles it again", noAnswer, 5, 1, 400],
    ["tries an outage again soon after it is over", noAnswer, 100, 1, 2_000],
    ["takes an error of the server for an outage", answer(503), 100, 1, 2_000],
    ["takes a lost race for passing", answer(409), 100, 1, 2_000],
    ["takes a withheld request for passing", new TooLateError("late"), 100, 1, 2_000],
    ["takes an error of ours for passing", new Error("bug"), 100, 1, 2_000],
    ["tries seldom what is invalid", answer(422), 100, 1, 30_000],
    ["tries seldom what is forbidden", answer(403), 100, 1, 30_000],
    ["tries seldom where something is missing", answer(404), 100, 1, 30_000],
    ["gives a refused object time at first", answer(422), 1, 1, 4_000],
    ["gives a webhook that hangs time at first", hanging, 1, 1, 4_000],
    ["tries a webhook that is not there soon at first", refusing, 1, 1, 25],
    ["tries seldom what hangs", hanging, 100, 1, 30_000],
    ["tries a missing right soon at first", unknownUser, 1, 1, 250],
    ["tries what is missing soon at first", answer(404), 1, 1, 25],
    ["stays finite after very many attempts", answer(422), 5_000, 1, 30_000],
    ["comes back no sooner than a throttling server asks", answer(429, 7), 1, 0, 7_000],
    ["spreads what was throttled to later", answer(429, 7), 1, 1, 10_500],
    ["does not double what the server asked for", answer(429, 7), 9, 0, 7_000],
  ];

  for (const [what, error, attempt, random, milliseconds] of cases) {
    it(what, () => {
      assert.equal(retryDelay(error, attempt, random), milliseconds);
    });
  }
});
