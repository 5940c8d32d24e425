import { clusterWide, namespaced, type Subject } from "./subject";

const STORAGE = "storage.k8s.io/v1";

/** What holds data, and what says how. */
export const storage: readonly Subject[] = [
  clusterWide(STORAGE, "StorageClass", "storageclasses", () => ({
    provisioner: "example.com/disk",
    parameters: { type: "fast" },
  })),
  clusterWide(STORAGE, "CSIDriver", "csidrivers", () => ({ spec: { attachRequired: true } })),
  clusterWide(STORAGE, "VolumeAttributesClass", "volumeattributesclasses", () => ({
    driverName: "example.com/disk",
    parameters: { iops: "100" },
  })),
  clusterWide("v1", "PersistentVolume", "persistentvolumes", () => ({
    spec: {
      capacity: { storage: "1Gi" },
      accessModes: ["ReadWriteOnce"],
      csi: { driver: "disk.example.com", volumeHandle: "one" },
    },
  })),
  {
    ...namespaced("v1", "PersistentVolumeClaim", "persistentvolumeclaims", () => ({
      spec: {
        accessModes: ["ReadWriteOnce"],
        storageClassName: "absent",
        resources: { requests: { storage: "1Gi" } },
      },
    })),
    focus: [
      ["spec", "resources"],
      ["spec", "volumeAttributesClassName"],
    ],
  },
];
