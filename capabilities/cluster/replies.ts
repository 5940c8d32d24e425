import * as z from "zod";
import type { Kind } from "../kube/kinds";
import { isObject, type Json, type JsonObject, type KubeObject } from "../kube/object";
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

/** Items of a list reply, with the kind that the API server leaves out of them. */
export function itemsOf(list: Json, { apiVersion, kind }: Kind): KubeObject[] {
  const items = isObject(list) && Array.isArray(list.items) ? list.items : [];
  return items.filter(isObject).map(item => asObject({ apiVersion, kind, ...item }));
}

/** What was requested, an object or the objects of a kind; undefined if there is none, or no such kind. */
export async function ifThere<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

/** Where a page of a list is from, and how to ask for the next: empty where there is none. */
export function pageOf(list: Json): { version: string; token: string } {
  const { resourceVersion, continue: token } = isObject(list) && isObject(list.metadata) ? list.metadata : {};
  return {
    version: typeof resourceVersion === "string" ? resourceVersion : "",
    token: typeof token === "string" ? token : "",
  };
}

/** The error that a watch reports instead of an event. */
export function eventError(status: JsonObject): ApiError {
  const code = typeof status.code === "number" ? status.code : 500;
  const message = typeof status.message === "string" ? status.message : "the watch reported an error";
  return apiError(code, { reason: "", message, retryAfterSeconds: 1 });
}
