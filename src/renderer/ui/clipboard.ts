/** Puts text on the clipboard. @returns whether that worked: a page without focus or rights may not */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
