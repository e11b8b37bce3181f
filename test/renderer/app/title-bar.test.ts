import { mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, expect, it } from 'vitest';
import TitleBar from '../../../src/renderer/app/TitleBar.vue';

beforeEach(() => setActivePinia(createPinia()));

it('shows only the views that are there, under the page’s one heading', () => {
  const bar = mount(TitleBar);
  expect(bar.findAll('nav button').map((b) => b.text())).toEqual(['Live', 'Path', 'Endpoints', 'Storm']);
  expect(bar.find('h1').text()).toBe('Heartline');
});

it('names the palette’s button by the words that stand on it', () => {
  const button = mount(TitleBar).find('[data-testid="palette"]');
  expect(button.attributes('aria-label')).toBeUndefined();
  expect(button.text()).toContain('Search or run');
});
