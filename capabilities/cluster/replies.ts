import * as z from "zod";
import { isObject, type JsonObject, type KubeObject } from "../kube/object";
import { apiError, NetworkError, NotFoundError, type ApiError } from "./errors";

const kubeObject = z.custom<KubeObject>(
  value =>
    isObject(value) &&
    typeof value.kind === "string" &&
    isObject(value.metadata) &&
    typeof value.metadata.name === "string",
);

/**
 * Reads a reply as an object.
 *
 * @throws NetworkError if it is none
 */
export function asObject(reply: unknown): KubeObject {
  const { data } = kubeObject.safeParse(reply);
  if (!data) throw new NetworkError("the API server's reply is not an object");
  return data;
}

/** What was requested; undefined if there is none, or no such kind. */
export async function ifThere<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

/** The error that a watch reports instead of an event. */
export function eventError(status: JsonObject): ApiError {
  const code = typeof status.code === "number" ? status.code : 500;
  const message = typeof status.message === "string" ? status.message : "the watch reported an error";
  return apiError(code, { reason: "", message, retryAfterSeconds: 1 });
}
