import { beforeEach, expect, it, vi } from 'vitest';

const page = async () => {
  vi.resetModules();
  return import('../../../src/renderer/stores/storyboard-keep.ts');
};
beforeEach(() => localStorage.clear());

it('keeps what each of two pages has typed, and forgets only what the page itself has let go', async () => {
  const [one, two] = [await page(), await page()];
  one.readKept();
  two.readKept();
  one.writeKept({ open: 'draft:a', drafts: { 'draft:a': 'name: one' } });
  two.writeKept({ open: 'draft:b', drafts: { 'draft:b': 'name: two' } });
  expect((await page()).readKept().drafts).toEqual({ 'draft:a': 'name: one', 'draft:b': 'name: two' });
  one.writeKept({ open: null, drafts: {} });
  expect((await page()).readKept().drafts).toEqual({ 'draft:b': 'name: two' });
  two.writeKept({ open: 'draft:b', drafts: { 'draft:b': 'name: two, longer' } });
  expect((await page()).readKept()).toEqual({ open: 'draft:b', drafts: { 'draft:b': 'name: two, longer' } });
});
