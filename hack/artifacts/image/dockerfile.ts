import { z } from "zod";

const strings = z.array(z.string()).min(1);

/** How the last stage of a Dockerfile starts its image. */
export interface StartInstructions {
  entrypoint: string[];
  user: string;
  env: string[];
  workingDir: string;
}

/**
 * Reads the last stage of a Dockerfile, so that an image made without Docker starts the same way. Knows only the forms
 * that the project's own Dockerfile uses: one instruction per line, ENTRYPOINT as JSON, ENV as `NAME=value`.
 * @throws ZodError
 * @see https://docs.docker.com/reference/dockerfile/
 */
export function startInstructions(dockerfile: string): StartInstructions {
  const lines = dockerfile.split("\n");
  const stage = lines.slice(lines.findLastIndex(line => line.startsWith("FROM ")));
  const values = (instruction: string): string[] =>
    stage.flatMap(line =>
      line.startsWith(`${instruction} `) ? [line.slice(instruction.length + 1).trim()] : [],
    );
  return {
    entrypoint: strings.parse(JSON.parse(z.string().parse(values("ENTRYPOINT").at(-1)))),
    user: z.string().parse(values("USER").at(-1)),
    env: values("ENV"),
    workingDir: values("WORKDIR").at(-1) ?? "/",
  };
}
