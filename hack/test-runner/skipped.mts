import { relative } from "node:path";
import type { TestEvent } from "node:test/reporters";

/** A reporter for node's test runner: one line for each test that was skipped or is marked as todo, with the reason. */
export default async function* skipped(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    if (event.type !== "test:pass" && event.type !== "test:fail") continue;
    const { file = "", name, skip, todo } = event.data;
    const reason = skip ?? todo;
    if (reason === undefined || reason === false) continue;
    yield `  ${relative(process.cwd(), file)}: ${name}: ${typeof reason === "string" ? reason : "no reason given"}\n`;
  }
}
