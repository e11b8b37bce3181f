/** Where menus are put: a landmark of the page, so that they belong to something; the body where a part stands alone. */
export const floats = (): HTMLElement | 'body' => document.getElementById('floats') ?? 'body';
