import { escapePointer, unescapePointer } from "./managed-fields";
import { ANY, type Path, type Step } from "./path";

/** A path that can't be read. The message says why. */
export class PathError extends Error {
  override readonly name = "PathError";
}

const ITEM = /^\[([^=\]]+)=(.+)\]$/;

/** Reads a path in which a star at the end of a name stands for all that begin so. @throws PathError */
export function parsePath(text: string): Path {
  return stepsOf(text).map(step => {
    if (step.is !== "field" && step.is !== "item") return step;
    const beginning = beginningOf(step.is === "field" ? step.name : step.value);
    if (beginning === undefined) return step;
    return step.is === "field"
      ? { ...step, name: beginning, isPrefix: true }
      : { ...step, value: beginning, isPrefix: true };
  });
}

/** Reads a path that a user has written: names and values in it are exact. @throws PathError */
export function parsePointer(text: string): Path {
  return stepsOf(text);
}

/** @throws PathError */
function stepsOf(text: string): Path {
  if (text === "") return [];
  if (!text.startsWith("/")) throw new PathError(`${JSON.stringify(text)} does not begin with /`);
  return text.slice(1).split("/").map(stepOf);
}

function stepOf(text: string): Step {
  const plain = unescapePointer(text);
  const [, key, value] = ITEM.exec(plain) ?? [];
  if (plain === "*") return ANY;
  return key === undefined || value === undefined ? { is: "field", name: plain } : { is: "item", key, value };
}

/** Writes a path as `parsePointer` reads it. */
export function formatPath(path: Path): string {
  return path.map(step => `/${escapePointer(textOf(step))}`).join("");
}

function textOf(step: Step): string {
  switch (step.is) {
    case "any":
      return "*";
    case "element":
      return step.element;
    case "field":
      return step.name;
    case "item":
      return `[${step.key}=${step.value}]`;
  }
}

/** What comes before a star; undefined where none ends the text, or nothing is before it. */
function beginningOf(text: string): string | undefined {
  return text.length > 1 && text.endsWith("*") ? text.slice(0, -1) : undefined;
}
