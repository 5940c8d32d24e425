import type { Sandbox } from "./sandbox";
import type { Screen } from "./screen";
import { CHART, RELEASE } from "./tour";

/** The command's path in the project's folder. */
const COMMAND = "dist/cli/helm-locker";

/** Tells how to reach the cluster from another shell, and what to try there. */
export function invite(screen: Screen, { exports, namespace, registrationNamespace }: Sandbox): void {
  screen.title("Now you: in another terminal, in this folder");
  for (const line of exports) screen.text(`   ${line}`);
  const inNamespace = ["-n", namespace];
  const attempts: [string, string, string[]][] = [
    [
      "Nobody scales it by hand: it is at 2 replicas again at once.",
      "kubectl",
      ["scale", "deployment", RELEASE, "--replicas", "9", ...inNamespace],
    ],
    [
      "Helm is free to: the ConfigMap says what you set, and is locked again.",
      "helm",
      ["upgrade", RELEASE, CHART, "--set", "greeting=Hi", ...inNamespace],
    ],
    ["What differs, here and in every other release: nothing does.", COMMAND, ["drift", "-A"]],
    [
      "Unlocked: nothing changes, and from now on your edits stand.",
      "kubectl",
      ["delete", "hrl", RELEASE, "-n", registrationNamespace],
    ],
  ];
  for (const [expectation, command, args] of attempts) {
    screen.text("");
    screen.command(command, args);
    screen.text(`   ${expectation}`);
  }
  screen.title("What the locker does meanwhile (Ctrl-C ends it and removes everything)");
}
