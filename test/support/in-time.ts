export * from "../../hack/locker/in-time";
