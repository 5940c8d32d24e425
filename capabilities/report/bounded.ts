import type { HelmReleaseStatus } from "../../crds/helm-release";
import { cut } from "./words";

/** Most bytes of a status: it is read with every list of HelmReleases. */
const MOST = 100_000;

/** What is given up where a status is too large, what is missed least first. */
const SHORTER: readonly ((status: HelmReleaseStatus) => HelmReleaseStatus)[] = [
  ({ history, ...status }) => ({ ...status, history: history?.map(({ values: _, ...entry }) => entry) }),
  ({ notes, ...status }) => ({ ...status, notes: cut(notes ?? "", 8_192) }),
  ({ history, ...status }) => ({ ...status, history: history?.slice(0, 5) }),
  ({ conditions, description, ...status }) => ({
    ...status,
    description: cut(description ?? "", 1_024),
    conditions: conditions?.map(one => ({ ...one, message: cut(one.message ?? "", 1_024) })),
  }),
];

/** A status with no more than fits. */
export function bounded(status: HelmReleaseStatus): HelmReleaseStatus {
  return SHORTER.reduce((shorter, give) => (sizeOf(shorter) > MOST ? give(shorter) : shorter), status);
}

function sizeOf(status: HelmReleaseStatus): number {
  return Buffer.byteLength(JSON.stringify(status));
}
