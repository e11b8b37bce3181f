/** A page where a stream was asked for, and a redirect that led to it: most often somebody is to sign in first. */
export const looksLikeLogin = (redirectedTo: string | null | undefined, mediaType: string): boolean =>
  redirectedTo != null && mediaType === 'text/html' && /log-?in|sign-?in|auth|sso|session|account/i.test(redirectedTo);
