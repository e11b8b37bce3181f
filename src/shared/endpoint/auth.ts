/** How a client shows who it is. Every text is a template, so that a secret may stay in its store: `{secret.NAME}`. */

/** What a token goes into: `Authorization: Bearer …` unless the target, or the dialect, has a `{token}` of its own. */
interface TokenPlace {
  /** The scheme of the Authorization header; absent: `Bearer`. */
  scheme?: string;
}

export type TargetAuth =
  | { type: 'none' }
  | ({ type: 'bearer'; token: string } & TokenPlace)
  | { type: 'basic'; user: string; password: string }
  | { type: 'api-key'; in: 'header' | 'query' | 'cookie'; name: string; value: string }
  | ({
      type: 'oauth2';
      grant: 'client-credentials' | 'refresh-token';
      tokenUrl: string;
      clientId: string;
      clientSecret?: string;
      /** With the grant `refresh-token`. */
      refreshToken?: string;
      scope?: string;
      audience?: string;
      /** Where id and secret of the client go (RFC 6749, 2.3.1); absent: `basic`. */
      clientAuth?: 'basic' | 'body';
    } & TokenPlace)
  /**
   * A command of the user's that prints a token, or `{"token","expiresAt"}`, on its first line within 10 s. It is run only where a
   * person gave it on the command line or has confirmed it.
   */
  | ({ type: 'token-command'; command: string } & TokenPlace)
  /** A URL that answers `{"token","expiresAt"}`, or the token alone. */
  | ({ type: 'token-url'; url: string; headers?: Record<string, string> } & TokenPlace);
