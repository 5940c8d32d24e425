import { ANSWER_DELAY_VARIABLE } from "../lib/answer-delay";
import type { Supervisor } from "../lib/supervisor";
import { runIntegrationTests } from "./run";

/** Runs integration tests whose lockers get every answer of the API server that many milliseconds late. @returns the exit code */
export function runSlowTests(supervisor: Supervisor, files: string[], delay: number): Promise<number> {
  // Nearly all of the time, each file waits for answers.
  return runIntegrationTests(supervisor, files, {
    concurrency: 4,
    env: { [ANSWER_DELAY_VARIABLE]: String(delay) },
  });
}
