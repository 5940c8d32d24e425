import { md, pki } from "node-forge";

const DAY_MS = 86_400_000;

/** A name in the Domain Name System. Source: RFC 5280, GeneralName. */
const DNS_NAME = 2;

/** Makes a key and a self-signed certificate for a host, both as PEM, valid for a year. */
export function selfSignedCertificate(host: string): { key: string; certificate: string } {
  const { privateKey, publicKey } = pki.rsa.generateKeyPair(2048);
  const name = [{ name: "commonName", value: host }];
  const certificate = pki.createCertificate();
  certificate.publicKey = publicKey;
  certificate.validity.notBefore = new Date(Date.now() - DAY_MS);
  certificate.validity.notAfter = new Date(Date.now() + 365 * DAY_MS);
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions([{ name: "subjectAltName", altNames: [{ type: DNS_NAME, value: host }] }]);
  certificate.sign(privateKey, md.sha256.create());
  return { key: pki.privateKeyToPem(privateKey), certificate: pki.certificateToPem(certificate) };
}
