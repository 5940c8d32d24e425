import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The files with which the API server recognizes its users, and the administrator's token. */
export interface Credentials {
  certificateDirectory: string;
  certificate: string;
  tokenFile: string;
  serviceAccountKey: string;
  serviceAccountPublicKey: string;
  adminToken: string;
}

/** Makes the administrator's token and the key that signs ServiceAccount tokens, as files in `directory`. */
export async function createCredentials(directory: string): Promise<Credentials> {
  const certificateDirectory = join(directory, "certs");
  const credentials = {
    certificateDirectory,
    // The API server makes this self-signed certificate at its first start: it is its own certificate authority.
    certificate: join(certificateDirectory, "apiserver.crt"),
    tokenFile: join(directory, "tokens.csv"),
    serviceAccountKey: join(directory, "service-account.key"),
    serviceAccountPublicKey: join(directory, "service-account.pub"),
    adminToken: randomBytes(16).toString("hex"),
  };
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await mkdir(certificateDirectory);
  await Promise.all([
    writeFile(credentials.tokenFile, `${credentials.adminToken},admin,admin,"system:masters"\n`, {
      mode: 0o600,
    }),
    writeFile(credentials.serviceAccountKey, privateKey.export({ type: "sec1", format: "pem" }), {
      mode: 0o600,
    }),
    writeFile(credentials.serviceAccountPublicKey, publicKey.export({ type: "spki", format: "pem" })),
  ]);
  return credentials;
}

/** Who a kubeconfig logs in as, and where; `certificate` is the PEM of the server's certificate authority. */
export interface Login {
  server: string;
  certificate: string;
  user: string;
  token: string;
}

/** Writes a self-contained kubeconfig with one context and returns its path; kubeconfigs may be JSON. */
export async function writeKubeconfig(path: string, login: Login): Promise<string> {
  const { server, certificate, user, token } = login;
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "embedded",
    clusters: [
      {
        name: "embedded",
        cluster: { server, "certificate-authority-data": Buffer.from(certificate).toString("base64") },
      },
    ],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: "embedded", context: { cluster: "embedded", user } }],
  };
  await writeFile(path, JSON.stringify(kubeconfig, undefined, 2), { mode: 0o600 });
  return path;
}
