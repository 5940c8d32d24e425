import type { JsonObject, Place } from "./json";

/** A kind of object, and the least that a valid one has. */
export interface Subject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly isNamespaced: boolean;
  /** Another version that is served, through which hands write, too. */
  readonly older?: string;
  /** What its name ends with, where a name has to be made in a certain way. */
  readonly suffix?: string;
  /** Where the server lets an object be changed, for kinds of which it fixes most when they are made. */
  readonly focus?: readonly Place[];
  /** Annotations of the manifest beyond those of all objects. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Its fields but for metadata, by its name. */
  readonly fields: (name: string) => JsonObject;
}

/** A kind in a namespace. */
export function namespaced(
  apiVersion: string,
  kind: string,
  plural: string,
  fields: Subject["fields"],
): Subject {
  return { apiVersion, kind, plural, isNamespaced: true, fields };
}

/** A kind outside of namespaces. */
export function clusterWide(
  apiVersion: string,
  kind: string,
  plural: string,
  fields: Subject["fields"],
): Subject {
  return { apiVersion, kind, plural, isNamespaced: false, fields };
}
