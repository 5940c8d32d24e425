import { z } from "zod";
import type { LockerProcess, LogLine } from "../locker/process";
import type { Screen } from "./screen";

const reverted = z.object({
  message: z.literal("reverted"),
  object: z.string(),
  operation: z.enum(["create", "apply", "remove"]),
  fields: z.array(z.string()),
  by: z.array(z.string()),
});

const phase = z.object({
  release: z.string(),
  revision: z.number().optional(),
  stance: z.enum(["lock", "stand down", "unlock"]),
});

const unlocked = z.object({ helmRelease: z.string(), release: z.string(), stillLocked: z.boolean() });

const trouble = z.object({ level: z.enum(["warn", "error"]), message: z.string(), problem: z.string() });

/** The meaning of a line of the locker's log, as a sentence; undefined if it is no news to a user. */
export function sentenceOf(line: LogLine): string | undefined {
  return revertedWords(line) ?? phaseWords(line) ?? unlockedWords(line) ?? troubleWords(line);
}

function revertedWords(line: LogLine): string | undefined {
  const { data } = reverted.safeParse(line);
  if (data === undefined) return undefined;
  const { object, operation, fields, by } = data;
  if (operation === "create") return `${object} was deleted: created again`;
  const who = by.length > 0 ? ` by ${by.join(", ")}` : "";
  if (operation === "remove") return `${object} was added to${who}: removed ${fields.join(", ")}`;
  return `${object} was changed${who}: restored ${fields.join(", ")}`;
}

function phaseWords(line: LogLine): string | undefined {
  const { data } = phase.safeParse(line);
  if (data === undefined) return undefined;
  const { release, revision, stance } = data;
  if (stance === "lock") return `${release} is locked at revision ${revision ?? "?"}`;
  return stance === "stand down"
    ? `Helm is at work on ${release}: standing down`
    : `${release} is not locked`;
}

function unlockedWords(line: LogLine): string | undefined {
  const { data } = unlocked.safeParse(line);
  if (data === undefined) return undefined;
  const { helmRelease, release, stillLocked } = data;
  const rest = stillLocked ? "another one still does" : "its objects stay as they are";
  return `HelmRelease ${helmRelease} no longer locks ${release}: ${rest}`;
}

function troubleWords(line: LogLine): string | undefined {
  const { data } = trouble.safeParse(line);
  return data && `${data.message}: ${data.problem}`;
}

/** Shows continuously what the locker does, one line each with the time of day. @throws LockerExitError when the locker ends */
export async function follow(locker: LockerProcess, screen: Screen): Promise<never> {
  let next = locker.logs.length;
  for (;;) {
    await locker.waitForLog(() => locker.logs.length > next);
    for (; next < locker.logs.length; next++) show(locker.logs[next], screen);
  }
}

function show(line: LogLine | undefined, screen: Screen): void {
  const sentence = line && sentenceOf(line);
  if (sentence !== undefined) screen.text(`${new Date().toTimeString().slice(0, 8)}  ${sentence}`);
}
