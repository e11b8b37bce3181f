/** What a target's TLS is done with, beyond what the machine trusts. Files are named; a PEM may also stand here itself. */
export interface TargetTls {
  /** A PEM of authorities that are trusted too. */
  ca?: string;
  /** The client's certificate and its key, as PEM … */
  cert?: string;
  key?: string;
  /** … or both in one PKCS #12 file. */
  pfx?: string;
  /** Of the key or the PKCS #12 file; a template. */
  passphrase?: string;
  /** The name to ask for and to hold the certificate against; absent: the URL's host. */
  serverName?: string;
  /** Takes any certificate. Said in every lane, in the summary and in the `run` record. */
  insecure?: boolean;
}
