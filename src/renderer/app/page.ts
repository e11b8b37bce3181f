import { createPinia } from 'pinia';
import { createApp, type App as VueApp } from 'vue';
import App from './App.vue';
import type { Connect } from '../connection/connection.ts';
import { applyTheme } from '../stores/theme.ts';
import { useLive } from '../stores/live.ts';
import '../styles/tokens.css';
import '../styles/base.css';
import '../styles/lists.css';

/** Puts the page into `#app` and follows an engine; tests pass another way to find one. */
export function mountPage(connect: Connect): VueApp {
  const pinia = createPinia();
  const app = createApp(App);
  app.use(pinia);
  applyTheme(pinia);
  void useLive(pinia).follow(connect);
  app.mount('#app');
  return app;
}
