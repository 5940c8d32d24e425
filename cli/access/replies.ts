import type * as z from "zod";
import { UserError } from "../errors";

/**
 * What a server has answered, which may be a proxy or another version than the command knows.
 *
 * @param what it should be: "a list of API groups"
 * @throws UserError if it is not
 */
export function readReply<T>(schema: z.ZodType<T>, reply: unknown, what: string): T {
  const { data, success } = schema.safeParse(reply);
  if (success) return data;
  throw new UserError(
    `the server has answered something that is not ${what}: is it a Kubernetes API server?`,
  );
}
