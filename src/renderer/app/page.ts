import { createPinia } from 'pinia';
import { createApp, type App as VueApp } from 'vue';
import App from './App.vue';
import { openInPage } from './open-in-page.ts';
import type { OpenedInPage } from '../../shared/opened.ts';
import type { Connect } from '../connection/connection.ts';
import { applyTheme } from '../stores/theme.ts';
import { useShell } from '../stores/shell.ts';
import { useLive } from '../stores/live.ts';
import '../styles/tokens.css';
import '../styles/base.css';
import '../styles/lists.css';

/**
 * Puts the page into `#app` and follows an engine; tests pass another way to find one.
 * @param onOpened calls back with each thing that the host was asked to open
 * @param onShell calls back with each new link to the desktop shell; never where there is none
 */
export function mountPage(
  connect: Connect,
  onOpened?: (open: (what: OpenedInPage) => void) => void,
  onShell?: (attach: (port: MessagePort) => void) => void,
): VueApp {
  const pinia = createPinia();
  const app = createApp(App);
  app.use(pinia);
  applyTheme(pinia);
  onOpened?.((what) => openInPage(what, pinia));
  onShell?.((port) => useShell(pinia).attach(port));
  void useLive(pinia).follow(connect);
  app.mount('#app');
  return app;
}
