/** A target's TLS settings as `tls.connect` takes them: files read, keys opened. */
import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import type { TargetTls } from '../../../shared/endpoint/tls.ts';
import { codeOf, Failure, messageOf } from '../../../shared/failure.ts';

/**
 * @param passphrase as it is, no template any more
 * @throws Failure `bad-tls` with the key at fault as its place: `tls.ca`, `tls.pfx` …
 */
export function tlsOptions(
  { ca, cert, key, pfx, serverName, insecure }: TargetTls,
  passphrase: string | undefined,
): tls.ConnectionOptions {
  if (cert !== undefined && key === undefined && !pem('cert', cert).includes('PRIVATE KEY')) {
    throw bad('key', 'The client certificate has no key.', 'Give the key that was made with it.');
  }
  const context = {
    ...(ca === undefined ? {} : { ca: [...tls.rootCertificates, pem('ca', ca)] }),
    ...(cert === undefined ? {} : { cert: pem('cert', cert), key: pem('key', key ?? cert) }),
    ...(pfx === undefined ? {} : { pfx: contents('pfx', pfx) }),
    ...(passphrase === undefined ? {} : { passphrase }),
  };
  let secureContext: tls.SecureContext | undefined;
  if (Object.keys(context).length > 0) {
    try {
      secureContext = tls.createSecureContext(context);
    } catch (error) {
      throw badCertificate(
        error,
        pfx ?? key ?? cert,
        pfx ? 'pfx' : key ? 'key' : cert ? 'cert' : 'ca',
        passphrase !== undefined,
      );
    }
  }
  return {
    ...(secureContext ? { secureContext } : {}),
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(insecure === true ? { rejectUnauthorized: false } : {}),
  };
}

/** A PEM itself, or the file that holds it. */
function pem(field: keyof TargetTls, text: string): string {
  const found = text.includes('-----BEGIN') ? text : contents(field, text).toString('utf8');
  if (found.includes('-----BEGIN')) return found;
  const what = field === 'key' ? 'key' : 'certificate';
  throw bad(field, `${text} holds no ${what} in PEM form.`, 'A PEM begins with -----BEGIN.');
}

function contents(field: keyof TargetTls, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const why = codeOf(error) === 'ENOENT' ? 'there is no such file' : messageOf(error).replace(/,? open .*$/, '');
    throw bad(field, `${file} cannot be read: ${why}.`, 'Give the path of a file that may be read.');
  }
}

function badCertificate(
  error: unknown,
  text: string | undefined,
  field: keyof TargetTls,
  withPassphrase: boolean,
): Failure {
  const [code, said] = [codeOf(error) ?? '', messageOf(error)];
  const file = shownFile(text);
  if (/mac verify failure|bad decrypt|BAD_DECRYPT|bad password|maybe wrong password/i.test(`${code} ${said}`)) {
    return withPassphrase
      ? bad(field, `The password of ${file} is wrong.`, 'Give the one it was made with.')
      : bad(field, `${file} is locked by a password, and none was given.`, 'Give its passphrase.');
  }
  if (
    /password|interrupted or cancelled|processing error|MISSING_PASSPHRASE|problems getting password/i.test(
      `${code} ${said}`,
    )
  ) {
    return bad(field, `${file} is locked by a password, and none was given.`, 'Give its passphrase.');
  }
  if (/key values mismatch|KEY_VALUES_MISMATCH/i.test(`${code} ${said}`)) {
    return bad('key', 'The key does not belong to the certificate.', 'Give the pair that was made together.');
  }
  if (/unsupported/i.test(said)) {
    return bad(
      field,
      `${file} is coded in a way that is no longer supported.`,
      'Make it anew: openssl pkcs12 -export.',
    );
  }
  return bad(
    field,
    `${file} cannot be used: ${said.replace(/^error:[^:]*:[^:]*:[^:]*:/, '')}.`,
    'Give PEM, or PKCS #12.',
  );
}

const shownFile = (text: string | undefined): string =>
  text === undefined || text.includes('-----BEGIN') ? 'The key' : text;

const bad = (field: keyof TargetTls, message: string, hint: string): Failure =>
  new Failure({ code: 'bad-tls', message, hint, place: `tls.${field}`, exit: 2 });
