import type { Account } from "../kube/account";
import { isOfImpersonation, missingRule } from "./rights";

/** An answer of the API server other than success. Subclasses say what it means; `reason` is Kubernetes' own word. */
export class ApiError extends Error {
  override readonly name: string = "ApiError";

  constructor(
    /** HTTP status code. */
    readonly status: number,
    /** metav1.Status.reason, for example "Invalid"; empty if the server gave none. */
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

/** 404: no such object, collection or kind. */
export class NotFoundError extends ApiError {
  override readonly name = "NotFoundError";
}

/** 409: the object is not, or no longer, in the state that the request named. */
export class ConflictError extends ApiError {
  override readonly name = "ConflictError";
}

/** 410: a resourceVersion or continue token is too old to continue from. */
export class ExpiredError extends ApiError {
  override readonly name = "ExpiredError";
}

/** 403: a right is missing, or admission, quota or Pod Security refused. */
export class ForbiddenError extends ApiError {
  override readonly name = "ForbiddenError";
  /** The missing right; undefined if rights would not help. */
  readonly rule = missingRule(this.message);
  /** Whether the locker may not write as that account. */
  readonly isOfImpersonation = isOfImpersonation(this.message);

  constructor(
    status: number,
    reason: string,
    message: string,
    /** As which ServiceAccount it was asked, if not as the locker itself. */
    readonly account?: Account,
  ) {
    super(status, reason, message);
  }
}

/** 400 and 422: the server will never accept this object. */
export class InvalidError extends ApiError {
  override readonly name = "InvalidError";
}

/**
 * 500 to a server-side apply: the object has a field that its kind does not know, the same key twice in a list, or items that can't be
 * told apart.
 * Helm's client-side writes succeed with either.
 */
export class SchemaError extends ApiError {
  override readonly name = "SchemaError";
  /** Whether it is the live object that can't be read so, and not the one that was sent. */
  readonly isOfLive = OF_LIVE.test(this.message);
}

/** 500: something that the API server has to ask, as a webhook, does not answer in time. */
export class HangingError extends ApiError {
  override readonly name = "HangingError";
}

/** 429: the server asks to come back later. */
export class ThrottledError extends ApiError {
  override readonly name = "ThrottledError";

  constructor(
    message: string,
    /** Milliseconds to wait, from Retry-After. */
    readonly retryAfter: number,
  ) {
    super(429, "TooManyRequests", message);
  }
}

/** 401: the credentials are not accepted. They are read again for the next request. */
const UNAUTHORIZED = 401;

/** Whether the API server will refuse a request until somebody changes something, so that repeating it soon is useless. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof ConflictError || error instanceof ThrottledError) return false;
  if (error instanceof ApiError && error.status === UNAUTHORIZED) return false;
  return error instanceof SchemaError || (error instanceof ApiError && error.status < 500);
}

/** No answer: connection refused or cut, time-out, unreadable reply. Nobody knows whether a write took effect. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
}

/** The request was withheld: its deadline had passed before a connection was free. Nothing was sent. */
export class TooLateError extends Error {
  override readonly name = "TooLateError";
}

/** Source: apimachinery managedfields, structuredmerge.go and versionconverter.go. */
const OF_LIVE = /^failed to (create manager for existing fields|convert new object)/;

/** The API server has no reason of its own for these. Source: structured-merge-diff typed/validate.go, typed/helpers.go. */
const SCHEMA_COMPLAINT = /field not declared in schema|duplicate entries for key|associative list/;

/** Source: Kubernetes, apiserver pkg/admission/plugin/webhook/errors, apiextensions-apiserver webhook_converter.go; Go's net/http. */
const HANGING =
  /(?:calling webhook|conversion webhook).*(?:deadline exceeded|handshake timeout|i\/o timeout|awaiting headers|timed out)/is;

type ErrorClass = new (status: number, reason: string, message: string, account?: Account) => ApiError;

const BY_STATUS: Partial<Record<number, ErrorClass>> = {
  400: InvalidError,
  403: ForbiddenError,
  404: NotFoundError,
  409: ConflictError,
  410: ExpiredError,
  422: InvalidError,
};

/**
 * Returns the error for an unsuccessful reply.
 *
 * @param status HTTP status code
 * @param reply reason and message of its metav1.Status, the seconds of its Retry-After header, and as whom it was asked
 */
export function apiError(
  status: number,
  reply: { reason: string; message: string; retryAfterSeconds: number; account?: Account | undefined },
): ApiError {
  if (status === 500 && SCHEMA_COMPLAINT.test(reply.message))
    return new SchemaError(status, reply.reason, reply.message);
  if (status >= 500 && HANGING.test(reply.message))
    return new HangingError(status, reply.reason, reply.message);
  if (status === 429) return new ThrottledError(reply.message, reply.retryAfterSeconds * 1000);
  return new (BY_STATUS[status] ?? ApiError)(status, reply.reason, reply.message, reply.account);
}
