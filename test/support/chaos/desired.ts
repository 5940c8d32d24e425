import { z } from "zod";

/** Objects by path. */
export type Objects<T> = ReadonlyMap<string, T>;

export const document = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
});

/** An object in a release's manifest, with what the API server makes of it by itself. */
export type Desired = z.infer<typeof document>;
