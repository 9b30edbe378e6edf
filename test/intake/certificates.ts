import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Files of a certificate and its key. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** An authority made for one test, with openssl. */
export class Authority implements Certificate {
  readonly directory = mkdtempSync(join(tmpdir(), "foreshadow-ca-"));
  readonly certificate = join(this.directory, "ca.pem");
  readonly key = join(this.directory, "ca.key");
  #issued = 0;

  constructor(name = "test authority") {
    openssl(
      "req",
      "-x509",
      ...NEW_KEY,
      "-keyout",
      this.key,
      "-out",
      this.certificate,
      "-days",
      "2",
      "-subj",
      `/CN=${name}`,
    );
  }

  /** A certificate for 127.0.0.1 that serves both ends of a connection. */
  issue(name: string): Certificate {
    const base = join(this.directory, `${name}-${++this.#issued}`);
    const [key, request, certificate, extensions] = ["key", "csr", "pem", "ext"].map((end) => `${base}.${end}`);
    openssl("req", ...NEW_KEY, "-keyout", key, "-out", request, "-subj", `/CN=${name}`);
    writeFileSync(extensions, "subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth,clientAuth\n");
    const signed = [
      "-CA",
      this.certificate,
      "-CAkey",
      this.key,
      "-CAcreateserial",
      "-days",
      "2",
      "-extfile",
      extensions,
    ];
    openssl("x509", "-req", "-in", request, "-out", certificate, ...signed);
    return { certificate, key };
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

function openssl(...args: string[]): void {
  execFileSync("openssl", args, { stdio: ["ignore", "ignore", "ignore"] });
}
