import { beforeEach, expect, it, vi } from 'vitest';

const page = async () => {
  vi.resetModules();
  return import('../../../../src/renderer/features/storyboard/draft-storage.ts');
};
beforeEach(() => localStorage.clear());

it('keeps what each of two pages has typed, and forgets only what the page itself has let go', async () => {
  const [one, two] = [await page(), await page()];
  one.loadDrafts();
  two.loadDrafts();
  one.saveDrafts({ open: 'draft:a', drafts: { 'draft:a': 'name: one' } });
  two.saveDrafts({ open: 'draft:b', drafts: { 'draft:b': 'name: two' } });
  expect((await page()).loadDrafts().drafts).toEqual({ 'draft:a': 'name: one', 'draft:b': 'name: two' });
  one.saveDrafts({ open: null, drafts: {} });
  expect((await page()).loadDrafts().drafts).toEqual({ 'draft:b': 'name: two' });
  two.saveDrafts({ open: 'draft:b', drafts: { 'draft:b': 'name: two, longer' } });
  expect((await page()).loadDrafts()).toEqual({ open: 'draft:b', drafts: { 'draft:b': 'name: two, longer' } });
});
